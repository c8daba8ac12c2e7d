#include "runner/spool.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "runtime/loop.h"
#include "runtime/task_group.h"

namespace omakase::runner {
namespace {

using runtime::Loop;
using runtime::run_task;
using runtime::Task;

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/omakase-spool-XXXXXX";
    path_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  RunnerFolder folder() { return RunnerFolder::open(path_).value(); }
  Spool make(std::uint64_t bound = Spool::kMaxUnread) { return Spool::create(folder(), loop_.executor(), clock_, bound).value(); }
  static std::vector<Record> records(const Spool& spool, std::uint64_t from = 0) {
    std::string bytes(spool.end() - from, '\0');
    EXPECT_EQ(spool.read(from, bytes).value(), bytes.size());
    RecordDecoder decoder(from);
    decoder.push(bytes);
    std::vector<Record> found;
    for (auto next = decoder.next().value(); next; next = decoder.next().value()) found.push_back(*std::move(next));
    return found;
  }

  std::string path_;
  Loop loop_;
  base::ManualClock clock_;
};

TEST_F(SpoolTest, GivesBackEveryRecordFromTheEndOfAnyOther) {
  Spool spool = make();
  run_task(loop_, [](Spool& out) -> Task<> {
    co_await out.append(RecordKind::kOut, "one");
    co_await out.append(RecordKind::kErr, "two\n");
    co_await out.append(note::Oversize{});
  }(spool));
  const auto all = records(spool);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].micros, clock_.now().micros);
  const auto rest = records(spool, all[0].end_offset);
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0].payload, "two\n");
  EXPECT_EQ(rest[1].end_offset, spool.end());
}

TEST_F(SpoolTest, IsMadeOncePerFolder) {
  const Spool spool = make();
  EXPECT_EQ(Spool::create(folder(), loop_.executor(), clock_).error().code, "runner_used");
}

TEST_F(SpoolTest, WaitsWhileTheDiskRefusesAndLeavesNoTornRecord) {
  Spool spool = make();
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  run_task(loop_, [](Spool& out, Loop& loop, rlimit usual) -> Task<> {
    co_await out.append(RecordKind::kOut, std::string(600, 'a'));
    const std::uint64_t before_refusal = out.end();
    runtime::TaskGroup group(loop.executor());
    group.spawn("refused", out.append(RecordKind::kOut, std::string_view("bbbbbbbbbbbbbbbbbbbb")));
    group.spawn("refused", [](Spool& inner) -> Task<> { co_await inner.append(RecordKind::kOut, std::string(600, 'c')); }(out));
    co_await runtime::sleep_for(std::chrono::milliseconds(1));
    EXPECT_LT(out.end(), before_refusal + 600) << "a part of a record counts as none";
    setrlimit(RLIMIT_FSIZE, &usual);
    co_await group.join();
  }(spool, loop_, before));
  signal(SIGXFSZ, SIG_DFL);
  const auto all = records(spool);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[2].payload, std::string(600, 'c'));
}

TEST_F(SpoolTest, HoldsBackTheReaderOfTheAgentUntilAServerHasRead) {
  Spool spool = make(100);
  run_task(loop_, [](Spool& out, Loop& loop) -> Task<> {
    co_await out.append(RecordKind::kOut, std::string(100, 'a'));
    bool has_room = false;
    runtime::TaskGroup group(loop.executor());
    group.spawn("waits", [](Spool& inner, bool& flag) -> Task<> {
      co_await inner.room();
      flag = true;
    }(out, has_room));
    co_await runtime::sleep_for(std::chrono::milliseconds(1));
    EXPECT_FALSE(has_room);
    out.mark_read(out.end());
    co_await group.join();
    EXPECT_TRUE(has_room);
  }(spool, loop_));
}

TEST_F(SpoolTest, GivesAcknowledgedRoomBackToTheDisk) {
  Spool spool = make();
  run_task(loop_, [](Spool& out) -> Task<> {
    for (int i = 0; i < 10; ++i) co_await out.append(RecordKind::kOut, std::string(1 << 20, 'a'));
  }(spool));
  struct stat before{};
  stat((path_ + "/spool").c_str(), &before);
  const auto offset = records(spool)[8].end_offset;
  spool.acknowledge(offset);
  struct stat after{};
  stat((path_ + "/spool").c_str(), &after);
  EXPECT_EQ(before.st_size, after.st_size);
  EXPECT_LT(after.st_blocks, before.st_blocks / 2);
  EXPECT_LE(spool.beginning(), offset);
  EXPECT_GT(spool.beginning(), 0u);
  EXPECT_EQ(records(spool, offset).size(), 1u);
}

}  // namespace
}  // namespace omakase::runner
