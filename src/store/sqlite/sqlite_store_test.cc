#include "store/sqlite/sqlite_store.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "store/sqlite/store_fixture.h"

namespace omakase::store::sqlite {
namespace {

using contract::a_message;
using contract::a_run;
using testing::ElementsAre;
using testing::HasSubstr;

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

void write_file(const std::filesystem::path& file, std::string_view content) { std::ofstream(file, std::ios::binary) << content; }

void execute(const std::filesystem::path& file, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

class SqliteStoreFiles : public SqliteStoreFixture {
 protected:
  // Opening must fail with this code, name the file, and leave it as it is.
  void expect_refusal(const std::string& code, const std::string& words) {
    const std::string before = content_of(file());
    const auto opened = open();
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code, code);
    EXPECT_THAT(opened.error().detail, HasSubstr(file().string()));
    EXPECT_THAT(opened.error().detail, HasSubstr(words));
    EXPECT_EQ(opened.error().detail.find('\n'), std::string::npos);
    EXPECT_EQ(content_of(file()), before);
  }
};

TEST_F(SqliteStoreFiles, AreForTheirOwnerOnly) {
  ASSERT_TRUE(open());
  for (const char* name : {"omakase.db", "omakase.db-wal", "omakase.db-shm"}) {
    struct stat status{};
    ASSERT_EQ(stat((folder_.path() / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
}

TEST_F(SqliteStoreFiles, OfANewerProgramAreRefused) {
  ASSERT_TRUE(open());
  store_.reset();
  execute(file(), "PRAGMA user_version = 99");
  expect_refusal("schema_too_new", "newer Omakase");
}

TEST_F(SqliteStoreFiles, ThatAreNoDatabaseAreRefused) {
  write_file(file(), std::string(8'192, 'x'));
  expect_refusal("store_corrupt", "not a database");
}

TEST_F(SqliteStoreFiles, OfAnotherProgramAreRefused) {
  execute(file(), "CREATE TABLE songs (title TEXT)");
  expect_refusal("store_corrupt", "not a database of Omakase");
}

TEST_F(SqliteStoreFiles, ThatLostTheirEndAreRefused) {
  ASSERT_TRUE(open());
  store_.reset();
  std::filesystem::resize_file(file(), std::filesystem::file_size(file()) / 2);
  expect_refusal("store_corrupt", "malformed");
}

TEST_F(SqliteStoreFiles, AreOneFileAfterTheStoreWasClosed) {
  ASSERT_TRUE(open());
  ASSERT_EQ(code(StartRun{a_run("run")}), "");
  store_.reset();
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "omakase.db-wal"));
}

TEST_F(SqliteStoreFiles, KeepTheLogShortWhileTheStoreIsInUse) {
  ASSERT_TRUE(open());
  ASSERT_EQ(code(StartRun{a_run("run")}), "");
  for (int i = 0; i < 400; ++i) ASSERT_EQ(code(a_message("run", std::to_string(i), std::string(256 * 1024, 'x'))), "");
  EXPECT_LT(std::filesystem::file_size(folder_.path() / "omakase.db-wal"), 72u << 20);
  EXPECT_EQ(stored().size(), 400u);
}

TEST_F(SqliteStoreFixture, ClosingFinishesWhatIsQueued) {
  ASSERT_TRUE(open());
  ASSERT_EQ(code(StartRun{a_run("run")}), "");
  int acknowledged = 0;
  runtime::TaskGroup group(loop_.executor());
  for (int i = 0; i < 100; ++i) {
    group.spawn("append", [](MessageLog& log, int number, int& count) -> Task<> {
      Commit commit;
      commit.changes.push_back(a_message("run", std::to_string(number)));
      if (co_await log.commit(std::move(commit))) ++count;
    }(store_->messages(), i, acknowledged));
  }
  group.spawn("close", [](SqliteStore& store) -> Task<> {
    store.close();
    co_return;
  }(*store_));
  runtime::run_task(loop_, group.join());
  EXPECT_EQ(acknowledged, 100);
  EXPECT_EQ(code(a_message("run", "late")), "store_unavailable");
  ASSERT_TRUE(open());
  EXPECT_EQ(stored().size(), 100u);
}

TEST_F(SqliteStoreFixture, ALoopThatGoesAwayTakesItsWaitersWithIt) {
  ASSERT_TRUE(open());
  auto loop = std::make_unique<runtime::Loop>();
  store_.reset();
  auto store = SqliteStore::open(folder_.path(), loop->executor(), clock_).value();
  runtime::asio::co_spawn(
      loop->io(),
      [](MessageLog& log) -> Task<> {
        Commit commit;
        commit.changes.push_back(StartRun{a_run("run")});
        (void)co_await log.commit(std::move(commit));
      }(store->messages()),
      runtime::asio::detached);
  loop->io().poll_one();
  store.reset();
  loop.reset();
  ASSERT_TRUE(open());
  EXPECT_EQ(code(a_message("run", "m1")), "") << "what was queued is stored, though nobody waits for it";
}

}  // namespace
}  // namespace omakase::store::sqlite
