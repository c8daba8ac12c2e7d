// SQLite without memory: whichever of its allocations fails, nobody but the one who asked is refused.
#include <gmock/gmock.h>

#include <atomic>

#include "store/sqlite/store_fixture.h"

namespace omakase::store::sqlite {
namespace {

using contract::a_message;
using contract::a_run;

// SQLite's own allocator, one of whose calls fails on request.
struct ScarceMemory {
  static inline sqlite3_mem_methods real;
  static inline std::atomic<int> until_failure = -1;  // calls that succeed before it; below 0: none fails

  static bool fails() { return until_failure >= 0 && until_failure-- == 0; }

  // Before anything else of SQLite: no connection is open.
  static void install() {
    sqlite3_shutdown();
    ASSERT_EQ(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real), SQLITE_OK);
    sqlite3_mem_methods scarce = real;
    scarce.xMalloc = [](int size) { return fails() ? nullptr : real.xMalloc(size); };
    scarce.xRealloc = [](void* memory, int size) { return fails() ? nullptr : real.xRealloc(memory, size); };
    ASSERT_EQ(sqlite3_config(SQLITE_CONFIG_MALLOC, &scarce), SQLITE_OK);
  }
  static void remove() {
    until_failure = -1;
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_MALLOC, &real);
  }
};

class WithoutMemory : public SqliteStoreFixture {
 protected:
  void SetUp() override { ScarceMemory::install(); }
  void TearDown() override {
    store_.reset();
    ScarceMemory::remove();
  }
};

TEST_F(WithoutMemory, AMessageIsRefusedAndTheNextOneIsStored) {
  std::vector<std::string> acknowledged;
  bool failed = true;
  for (int call = 0; failed; ++call) {
    ASSERT_LT(call, 1'000);
    ASSERT_TRUE(open());  // with nothing prepared yet
    if (call == 0) ASSERT_EQ(code(StartRun{a_run("run")}), "");
    const std::string id = "m" + std::to_string(call);
    ScarceMemory::until_failure = call;
    const std::string answer = code(a_message("run", id, std::string(5'000, 'x')));
    failed = ScarceMemory::until_failure.exchange(-1) < 0;
    if (answer.empty()) acknowledged.push_back(id);
    if (!answer.empty()) EXPECT_EQ(answer, "store_unavailable");
    EXPECT_TRUE(store_->healthy());
    acknowledged.push_back(id + " again");
    EXPECT_EQ(code(a_message("run", id + " again")), "") << "after call " << call;
    ASSERT_EQ(stored(), acknowledged) << "after call " << call;
  }
  EXPECT_GT(acknowledged.size(), 10u);
}

TEST_F(WithoutMemory, AListIsRefusedAndTheNextOneIsWhole) {
  ASSERT_TRUE(open());
  ASSERT_EQ(code(StartRun{a_run("run")}), "");
  for (int i = 0; i < 20; ++i) ASSERT_EQ(code(a_message("run", "m" + std::to_string(i), std::string(5'000, 'x'))), "");
  bool failed = true;
  int refused = 0;
  for (int call = 0; failed; ++call) {
    ASSERT_LT(call, 1'000);
    ScarceMemory::until_failure = call;
    const auto listed = runtime::run_task(loop_, store_->messages().list({.id = "run", .limit = 100}));
    failed = ScarceMemory::until_failure.exchange(-1) < 0;
    if (listed) EXPECT_EQ(listed->size(), 20u) << "call " << call;
    refused += listed ? 0 : 1;
    ASSERT_EQ(stored().size(), 20u);
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace omakase::store::sqlite
