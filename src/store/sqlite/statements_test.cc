#include "store/sqlite/statements.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/contract/store_contract.h"
#include "store/sqlite/schema.h"

namespace omakase::store::sqlite {
namespace {

// The steps by which SQLite would carry out a statement.
std::vector<std::string> plan(sqlite3* db, Sql sql) {
  std::vector<std::string> steps;
  sqlite3_stmt* explain = nullptr;
  const std::string question = std::string("EXPLAIN QUERY PLAN ") + text(sql);
  EXPECT_EQ(sqlite3_prepare_v2(db, question.c_str(), -1, &explain, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  while (sqlite3_step(explain) == SQLITE_ROW) {
    steps.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(explain, 3)));
  }
  sqlite3_finalize(explain);
  return steps;
}

TEST(Statements, NoneReadsATableFromEndToEndOrSortsWhatItFound) {
  const contract::TemporaryFolder folder;
  const auto file = folder.path() / "omakase.db";
  {
    auto connection = Connection::open(file, Connection::Access::kWrite);
    ASSERT_TRUE(connection && migrate(**connection) && (*connection)->prepare_all());
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  std::size_t searches = 0;
  for (std::size_t i = 0; i < kSqlCount; ++i) {
    const Sql sql = static_cast<Sql>(i);
    for (const std::string& step : plan(db, sql)) {
      EXPECT_FALSE(step.starts_with("SCAN")) << text(sql) << "\n" << step;
      EXPECT_FALSE(step.starts_with("USE TEMP B-TREE")) << text(sql) << "\n" << step;
      if (step.starts_with("SEARCH")) ++searches;
    }
  }
  EXPECT_GT(searches, kSqlCount / 2) << "the plans could not be read";
  sqlite3_close(db);
}

}  // namespace
}  // namespace omakase::store::sqlite
