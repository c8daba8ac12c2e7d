// For tests of what is particular to SQLite: a store in a folder of its own, and a loop run by hand.
#pragma once

#include <sqlite3.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "store/contract/store_contract.h"
#include "store/sqlite/sqlite_store.h"

namespace omakase::store::sqlite {

class SqliteStoreFixture : public testing::Test {
 protected:
  Result<void> open() {
    store_.reset();
    auto store = SqliteStore::open(folder_.path(), loop_.executor(), clock_);
    if (!store) return std::unexpected(store.error());
    store_ = *std::move(store);
    return {};
  }

  // A database that an earlier program left behind: the script of tests/golden/store/.
  void leave_behind(const std::string& name) {
    std::ostringstream script;
    script << std::ifstream(OMAKASE_SOURCE_FOLDER "/tests/golden/store/" + name).rdbuf();
    ASSERT_FALSE(script.str().empty());
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, script.str().c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  // The code of a change's error; "" when it was stored.
  std::string code(Change change) {
    Commit commit;
    commit.changes.push_back(std::move(change));
    const auto done = runtime::run_task(loop_, store_->messages().commit(std::move(commit)));
    return done ? "" : done.error().code;
  }

  std::vector<std::string> stored() {
    return contract::ids(runtime::run_task(loop_, store_->messages().list({.id = "run", .limit = 1'000'000})).value());
  }

  template <typename T>
  T must(Task<Result<T>> task) {
    return runtime::run_task(loop_, std::move(task)).value();
  }

  std::filesystem::path file() const { return folder_.path() / "omakase.db"; }

  contract::TemporaryFolder folder_;
  runtime::Loop loop_;
  base::ManualClock clock_;
  std::unique_ptr<SqliteStore> store_;
};

}  // namespace omakase::store::sqlite
