#include <sqlite3.h>

#include <gmock/gmock.h>

#include "store/sqlite/schema.h"
#include "store/sqlite/store_fixture.h"

namespace omakase::store::sqlite {
namespace {

using testing::ElementsAre;

// Which tables and indexes there are, with their definitions as SQLite keeps them.
std::vector<std::string> definitions(const std::filesystem::path& file) {
  std::vector<std::string> found;
  sqlite3* db = nullptr;
  sqlite3_stmt* rows = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  sqlite3_prepare_v2(db, "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name", -1, &rows, nullptr);
  while (sqlite3_step(rows) == SQLITE_ROW) found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(rows, 0)));
  sqlite3_finalize(rows);
  sqlite3_close(db);
  return found;
}

class Migration : public SqliteStoreFixture {};

TEST_F(Migration, OfTheFirstSchemaKeepsEverythingThatWasStored) {
  leave_behind("schema-1.sql");
  ASSERT_TRUE(open());
  MessageLog& log = store_->messages();
  EXPECT_THAT(contract::ids(must(log.list({.id = "ended"}))), ElementsAre("m1", "m2"));
  EXPECT_EQ(must(log.list({.id = "ended"})).at(1).tool_uses.at(0).tool, "Bash");
  EXPECT_THAT(contract::ids(must(log.undelivered("session"))), ElementsAre("m3", "m4"));
  EXPECT_EQ(must(log.run("ended"))->cost_usd, 0.25);
  EXPECT_EQ(must(log.run_by_token("hash2"))->spool_offset, 99);
  EXPECT_EQ(must(log.active_session("project"))->id, "session");
  Catalog& catalog = store_->catalog();
  EXPECT_EQ(must(catalog.project("project"))->active_run->id, "session");
  EXPECT_EQ(must(catalog.projects(true, std::nullopt, 10)).size(), 2u);
  EXPECT_EQ(must(catalog.thread("thread"))->thread.agent_session, "conversation");
  EXPECT_THAT(contract::ids(must(catalog.memories("nori", "project"))), ElementsAre("memory"));
  EXPECT_EQ(must(store_->people().login("login"))->user_id, "admin") << "there was nobody else";
}

TEST_F(Migration, OfTheFirstSchemaGivesWhatItDidNotKnowItsDefaults) {
  leave_behind("schema-1.sql");
  ASSERT_TRUE(open());
  const model::Message message = must(store_->messages().find_message("session", "m3")).value();
  EXPECT_FALSE(message.queued || message.edited_at || message.withdrawn_at);
  EXPECT_EQ(message.revision, 0);
  const model::Run run = must(store_->messages().run("session")).value();
  EXPECT_EQ(run.permission_mode, model::PermissionMode::kBypass);
  EXPECT_EQ(run.usage, model::Usage());
  const model::Project project = must(store_->catalog().project("project"))->project;
  EXPECT_FALSE(project.has_git_token || project.agent_network || project.trust_repository);
  EXPECT_FALSE(must(store_->catalog().thread("thread"))->thread.model.has_value());
}

TEST_F(Migration, OfTheFirstSchemaIsCarriedOnFrom) {
  leave_behind("schema-1.sql");
  ASSERT_TRUE(open());
  EXPECT_EQ(code(ChangeWaiting{.run_id = "session", .message_id = "m3", .withdraw = true}), "");
  EXPECT_EQ(code(StartRun{contract::a_session("second", "project")}), "session_exists");
  EXPECT_EQ(code(contract::a_message("session", "m5")), "");
  ASSERT_TRUE(open()) << "a second start finds nothing left to do";
  EXPECT_THAT(contract::ids(must(store_->messages().undelivered("session"))), ElementsAre("m4", "m5"));
}

TEST_F(Migration, LeadsToTheSameTablesAsAFreshDatabase) {
  leave_behind("schema-1.sql");
  ASSERT_TRUE(open());
  store_.reset();
  const auto migrated = definitions(file());
  std::filesystem::remove(file());
  ASSERT_TRUE(open());
  store_.reset();
  EXPECT_EQ(migrated, definitions(file()));
}

}  // namespace
}  // namespace omakase::store::sqlite
