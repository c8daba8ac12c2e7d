// For tests of what is particular to SQLite: a store in a folder of its own, and a loop run by hand.
#pragma once

#include <memory>
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

  std::filesystem::path file() const { return folder_.path() / "omakase.db"; }

  contract::TemporaryFolder folder_;
  runtime::Loop loop_;
  base::ManualClock clock_;
  std::unique_ptr<SqliteStore> store_;
};

}  // namespace omakase::store::sqlite
