#include <gtest/gtest.h>

#include <thread>

#include "runtime/blocking_pool.h"
#include "runtime/loop.h"
#include "runtime/signal.h"
#include "runtime/task_group.h"
#include "runtime/worker.h"

namespace omakase::runtime {
namespace {

using std::chrono_literals::operator""ms;

TEST(TaskGroup, CancelsWhatWaitsAndJoinsIt) {
  Loop loop;
  bool ended = false;
  run_task(loop, [](Loop& home, bool& flag) -> Task<> {
    TaskGroup group(home.executor());
    group.spawn("waits for ever", [](bool& done) -> Task<> {
      co_await sleep_for(std::chrono::hours(1));
      done = true;
    }(flag));
    co_await sleep_for(0ms);
    group.cancel();
    co_await group.join();
    EXPECT_EQ(group.size(), 0u);
  }(loop, ended));
  EXPECT_TRUE(ended);
}

TEST(TaskGroup, ATaskThatThrowsEndsAlone) {
  Loop loop;
  run_task(loop, [](Loop& home) -> Task<> {
    TaskGroup group(home.executor());
    group.spawn("throws", []() -> Task<> {
      co_await sleep_for(0ms);
      throw std::runtime_error("expected by this test");
    }());
    co_await group.join();
  }(loop));
}

TEST(Signal, WakesEveryWaiterOnceAndTellsTimeoutsApart) {
  Loop loop;
  int woken = 0;
  run_task(loop, [](Loop& home, int& count) -> Task<> {
    Signal signal(home.executor());
    EXPECT_FALSE(co_await signal.wait_for(1ms));
    TaskGroup group(home.executor());
    for (int i = 0; i < 3; ++i) {
      group.spawn("waiter", [](Signal& source, int& total) -> Task<> {
        co_await source.wait();
        ++total;
      }(signal, count));
    }
    co_await sleep_for(0ms);
    signal.notify();
    co_await group.join();
  }(loop, woken));
  EXPECT_EQ(woken, 3);
}

TEST(BlockingPool, RunsElsewhereAndResumesOnTheLoop) {
  Loop loop;
  BlockingPool pool(2);
  run_task(loop, [](BlockingPool& blocking) -> Task<> {
    const auto here = std::this_thread::get_id();
    const auto there = co_await blocking.run([] { return std::this_thread::get_id(); });
    EXPECT_NE(here, there);
    EXPECT_EQ(here, std::this_thread::get_id());
    EXPECT_THROW(co_await blocking.run([]() -> int { throw std::runtime_error("no"); }), std::runtime_error);
  }(pool));
}

TEST(Mailbox, HandsOverInOrderAndEndsAfterClose) {
  Mailbox<int> mailbox;
  std::vector<int> seen;
  {
    Worker worker("reader", [&] {
      for (auto items = mailbox.take_all(); !items.empty(); items = mailbox.take_all())
        seen.insert(seen.end(), items.begin(), items.end());
    });
    for (int i = 0; i < 1000; ++i) mailbox.push(i);
    mailbox.close();
  }
  ASSERT_EQ(seen.size(), 1000u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
}

}  // namespace
}  // namespace omakase::runtime
