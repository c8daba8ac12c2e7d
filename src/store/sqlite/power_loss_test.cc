// What is on disk after the power went, at every point of a script: whatever was acknowledged, and nothing by halves.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "store/sqlite/recorded_files.h"
#include "store/sqlite/store_fixture.h"

namespace omakase::store::sqlite {
namespace {

using contract::a_message;
using contract::a_run;

// Each point is tried as a power loss, and some as a kill; the environment asks for more of these, with other luck each time.
std::uint32_t losses() {
  const char* given = std::getenv("OMAKASE_POWER_LOSSES");
  return given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 1;
}

class PowerLosses : public SqliteStoreFixture {
 protected:
  void SetUp() override { RecordedFiles::install(); }

  void send(const std::string& id, std::size_t size) {
    ASSERT_EQ(code(a_message("run", id, content(id, size))), "");
    RecordedFiles::mark(id);
  }
  static std::string content(const std::string& id, std::size_t size) {
    std::string text;
    while (text.size() < size) text += id + " ";
    return text;
  }

  // Leaves the disk of each point in a folder of its own, opens it, and lets `check` see the store and how many marks there were.
  template <typename Check>
  void at_every_point(const std::vector<FileNote>& notes, const std::map<std::string, std::string>& before, Check check) {
    for (std::size_t point = 0; point <= notes.size(); ++point) {
      const std::uint32_t first = point % 8 == 0 || losses() > 1 ? 0 : 1;
      for (std::uint32_t loss = first; loss <= losses(); ++loss) {
        SCOPED_TRACE((loss == 0 ? "killed" : "power lost") + (" after " + std::to_string(point)) + " of " +
                     std::to_string(notes.size()) + " steps, " + std::to_string(loss));
        PowerLoss disk(loss == 0 ? 0 : static_cast<std::uint32_t>(point) * 1'000 + loss);
        for (const auto& [name, bytes] : before) disk.had(name, bytes);
        std::vector<std::string> marks;
        for (std::size_t i = 0; i < point; ++i) {
          disk.take(notes[i]);
          if (notes[i].kind == FileNote::Kind::kMark) marks.push_back(notes[i].name);
        }
        const contract::TemporaryFolder folder;
        disk.leave(folder.path());
        auto store = SqliteStore::open(folder.path(), loop_.executor(), clock_);
        ASSERT_TRUE(store.has_value()) << store.error().detail;
        ASSERT_NO_FATAL_FAILURE(check(**store, marks, folder.path()));
      }
    }
  }

  static void expect_sound(const std::filesystem::path& file) {
    sqlite3* db = nullptr;
    sqlite3_stmt* rows = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &rows, nullptr), SQLITE_OK);
    ASSERT_EQ(sqlite3_step(rows), SQLITE_ROW);
    EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(rows, 0)), "ok");
    sqlite3_finalize(rows);
    sqlite3_close(db);
  }
};

TEST_F(PowerLosses, AtAnyWriteOrSyncOfFiftyMessagesLoseNothingThatWasAcknowledged) {
  std::vector<std::string> sent;
  RecordedFiles::begin();
  // The end of each round writes the log back into the file; the next one writes over the log.
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(open());
    if (round == 0) {
      ASSERT_EQ(code(StartRun{a_run("run")}), "");
      RecordedFiles::mark("started");
    }
    for (int i = 0; i < 10; ++i) {
      sent.push_back("m" + std::to_string(sent.size()));
      ASSERT_NO_FATAL_FAILURE(send(sent.back(), i % 5 == 4 ? 9'000 : 50));
    }
    store_.reset();
  }
  const std::vector<FileNote> notes = RecordedFiles::end();
  ASSERT_GT(notes.size(), 500u);

  at_every_point(notes, {}, [&](SqliteStore& store, const std::vector<std::string>& marks, const std::filesystem::path& folder) {
    const auto run = runtime::run_task(loop_, store.messages().run("run"));
    if (!marks.empty()) ASSERT_TRUE(run.has_value() && run->has_value()) << "the run is lost";
    const auto messages =
        run && *run ? must(store.messages().list({.id = "run", .limit = 1'000})) : std::vector<model::Message>();
    const std::size_t acknowledged = marks.empty() ? 0 : marks.size() - 1;
    ASSERT_GE(messages.size(), acknowledged);
    ASSERT_LE(messages.size(), acknowledged + 1) << "one was on its way";
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_EQ(messages[i].id, sent[i]);
      ASSERT_EQ(messages[i].content, content(sent[i], i % 5 == 4 ? 9'000 : 50));
    }
    if (run && *run) {
      Commit commit;
      commit.changes.push_back(a_message("run", "next"));
      ASSERT_TRUE(runtime::run_task(loop_, store.messages().commit(std::move(commit))).has_value());
      ASSERT_EQ(must(store.messages().list({.id = "run", .limit = 1'000})).back().id, "next");
    }
    store.close();
    expect_sound(folder / "omakase.db");
  });
}

TEST_F(PowerLosses, AtAnyWriteOrSyncOfAMigrationLeaveADatabaseThatTheNextStartBringsUpToDate) {
  ASSERT_NO_FATAL_FAILURE(leave_behind("schema-1.sql"));
  std::ostringstream before;
  before << std::ifstream(file(), std::ios::binary).rdbuf();
  RecordedFiles::begin();
  ASSERT_TRUE(open());
  store_.reset();
  const std::vector<FileNote> notes = RecordedFiles::end();
  ASSERT_GT(notes.size(), 50u);

  at_every_point(notes, {{"omakase.db", before.str()}},
                 [&](SqliteStore& store, const std::vector<std::string>&, const std::filesystem::path& folder) {
                   ASSERT_THAT(contract::ids(must(store.messages().list({.id = "ended"}))), testing::ElementsAre("m1", "m2"));
                   ASSERT_THAT(contract::ids(must(store.messages().undelivered("session"))), testing::ElementsAre("m3", "m4"));
                   ASSERT_EQ(must(store.catalog().projects(true, std::nullopt, 10)).size(), 2u);
                   ASSERT_EQ(must(store.people().login("login"))->user_id, "admin");
                   store.close();
                   expect_sound(folder / "omakase.db");
                 });
}

}  // namespace
}  // namespace omakase::store::sqlite
