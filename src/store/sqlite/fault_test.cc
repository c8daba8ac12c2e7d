#include <gmock/gmock.h>

#include <functional>

#include "store/sqlite/faulty_files.h"
#include "store/sqlite/store_fixture.h"

namespace omakase::store::sqlite {
namespace {

using contract::a_message;
using contract::a_run;
using testing::Each;
using testing::ElementsAre;

class Faults : public SqliteStoreFixture {
 protected:
  void SetUp() override {
    FaultyFiles::install();
    FaultyFiles::heal();
  }
  void TearDown() override { FaultyFiles::heal(); }

  void open_with_one_message() {
    ASSERT_TRUE(open());
    ASSERT_EQ(code(StartRun{a_run("run")}), "");
    ASSERT_EQ(code(a_message("run", "m1")), "");
  }
};

TEST_F(Faults, AFullDiskRefusesMessagesLeavesReadingAndHealsByItself) {
  open_with_one_message();
  FaultyFiles::write_error = SQLITE_FULL;
  EXPECT_EQ(code(a_message("run", "m2")), "disk_full");
  EXPECT_EQ(code(a_message("run", "m2")), "disk_full");
  EXPECT_THAT(stored(), ElementsAre("m1"));
  EXPECT_TRUE(store_->healthy());
  FaultyFiles::heal();
  EXPECT_EQ(code(a_message("run", "m3")), "");
  EXPECT_THAT(stored(), ElementsAre("m1", "m3"));
  ASSERT_TRUE(open());
  EXPECT_THAT(stored(), ElementsAre("m1", "m3"));
}

TEST_F(Faults, EverybodyInATransactionThatFailedIsTold) {
  open_with_one_message();
  FaultyFiles::write_error = SQLITE_FULL;
  std::vector<std::string> answers;
  runtime::TaskGroup group(loop_.executor());
  for (int i = 0; i < 64; ++i) {
    group.spawn("append", [](MessageLog& log, std::string id, std::vector<std::string>& out) -> Task<> {
      Commit commit;
      commit.changes.push_back(a_message("run", std::move(id)));
      const auto done = co_await log.commit(std::move(commit));
      out.push_back(done ? "" : done.error().code);
    }(store_->messages(), "full" + std::to_string(i), answers));
  }
  runtime::run_task(loop_, group.join());
  EXPECT_EQ(answers.size(), 64u);
  EXPECT_THAT(answers, Each("disk_full"));
  FaultyFiles::heal();
  ASSERT_TRUE(open());
  EXPECT_THAT(stored(), ElementsAre("m1"));
}

TEST_F(Faults, AfterAFailedSyncTheStoreOnlyReadsUntilTheNextStart) {
  open_with_one_message();
  FaultyFiles::sync_error = SQLITE_IOERR_FSYNC;
  EXPECT_EQ(code(a_message("run", "m2")), "store_unavailable");
  EXPECT_FALSE(store_->healthy());
  FaultyFiles::heal();
  EXPECT_EQ(code(a_message("run", "m3")), "store_unavailable");
  EXPECT_THAT(stored(), ElementsAre("m1"));
  ASSERT_TRUE(open());
  EXPECT_TRUE(store_->healthy());
  EXPECT_EQ(code(a_message("run", "m4")), "");
  EXPECT_THAT(stored(), testing::Contains("m4"));
  EXPECT_THAT(stored(), testing::Not(testing::Contains("m3")));
}

TEST_F(Faults, AStoreThatBrokeDoesNotTouchItsFileWhenItCloses) {
  open_with_one_message();
  FaultyFiles::sync_error = SQLITE_IOERR_FSYNC;
  ASSERT_EQ(code(a_message("run", "m2")), "store_unavailable");
  FaultyFiles::heal();
  const auto written = std::filesystem::last_write_time(file());
  store_.reset();
  EXPECT_EQ(std::filesystem::last_write_time(file()), written);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "omakase.db-wal"));
}

// Whichever write is the first for which there is no space: what was acknowledged is there, what was refused is not.
TEST_F(Faults, AFullDiskAtAnyWriteLosesNothingThatWasAcknowledged) {
  ASSERT_TRUE(open());
  ASSERT_EQ(code(StartRun{a_run("run")}), "");
  std::vector<std::string> acknowledged;
  bool reached_the_end = false;
  for (int write = 0; !reached_the_end; ++write) {
    ASSERT_LT(write, 1'000);
    FaultyFiles::writes_left = write;
    FaultyFiles::write_error = SQLITE_FULL;
    reached_the_end = true;
    for (int i = 0; i < 4; ++i) {
      const std::string id = std::to_string(write) + "-" + std::to_string(i);
      if (code(a_message("run", id, std::string(5'000, 'x'))).empty()) {
        acknowledged.push_back(id);
      } else {
        reached_the_end = false;
      }
    }
    FaultyFiles::heal();
    ASSERT_TRUE(open());
    ASSERT_EQ(stored(), acknowledged) << "write " << write;
  }
}

// Messages until the fault comes, or all of them; from then on nothing is taken any more. Gives what was acknowledged.
std::vector<std::string> send_some(const std::function<std::string(std::string)>& send, const std::string& prefix) {
  std::vector<std::string> acknowledged;
  bool broken = false;
  for (int i = 0; i < 4; ++i) {
    const std::string id = prefix + "-" + std::to_string(i);
    const std::string answer = send(id);
    if (broken) EXPECT_EQ(answer, "store_unavailable") << id;
    if (answer.empty()) acknowledged.push_back(id);
    broken = broken || !answer.empty();
  }
  return acknowledged;
}

TEST_F(Faults, AfterAWriteThatFailedWhicheverItWasTheStoreOnlyReadsUntilTheNextStart) {
  ASSERT_TRUE(open());
  ASSERT_EQ(code(StartRun{a_run("run")}), "");
  std::vector<std::string> acknowledged;
  const auto send = [&](std::string id) { return code(a_message("run", std::move(id), std::string(5'000, 'x'))); };
  for (int write = 0;; ++write) {
    ASSERT_LT(write, 1'000);
    FaultyFiles::writes_left = write;
    FaultyFiles::write_error = SQLITE_IOERR_WRITE;
    const auto more = send_some(send, std::to_string(write));
    EXPECT_EQ(store_->healthy(), more.size() == 4);
    acknowledged.insert(acknowledged.end(), more.begin(), more.end());
    ASSERT_EQ(stored(), acknowledged) << "write " << write;
    FaultyFiles::heal();
    ASSERT_TRUE(open());
    ASSERT_EQ(stored(), acknowledged) << "write " << write;
    if (more.size() == 4) break;
  }
}

TEST_F(Faults, AfterASyncThatFailedWhicheverItWasNothingAcknowledgedIsLost) {
  ASSERT_TRUE(open());
  ASSERT_EQ(code(StartRun{a_run("run")}), "");
  std::vector<std::string> acknowledged;
  const auto send = [&](std::string id) { return code(a_message("run", std::move(id))); };
  for (int sync = 0;; ++sync) {
    ASSERT_LT(sync, 100);
    FaultyFiles::syncs_left = sync;
    FaultyFiles::sync_error = SQLITE_IOERR_FSYNC;
    const auto more = send_some(send, std::to_string(sync));
    EXPECT_EQ(store_->healthy(), more.size() == 4);
    acknowledged.insert(acknowledged.end(), more.begin(), more.end());
    FaultyFiles::heal();
    ASSERT_TRUE(open());
    // The message whose sync failed may be there: nobody was told.
    ASSERT_THAT(stored(), testing::IsSupersetOf(acknowledged)) << "sync " << sync;
    if (more.size() == 4) break;
  }
}

TEST_F(Faults, AFirstStartOnAFullDiskCanBeRepeated) {
  for (int write = 0; write < 120; write += 10) {
    const contract::TemporaryFolder folder;
    FaultyFiles::writes_left = write;
    FaultyFiles::write_error = SQLITE_FULL;
    if (auto first = SqliteStore::open(folder.path(), loop_.executor(), clock_); !first) {
      EXPECT_EQ(first.error().code, "disk_full") << "write " << write;
    }
    FaultyFiles::heal();
    const auto again = SqliteStore::open(folder.path(), loop_.executor(), clock_);
    EXPECT_TRUE(again.has_value()) << "write " << write << ": " << again.error().detail;
  }
}

}  // namespace
}  // namespace omakase::store::sqlite
