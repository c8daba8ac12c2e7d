#include "runner/retention.h"

#include "runner/runner_fixture.h"

namespace omakase::runner {
namespace {

namespace fs = std::filesystem;
using std::chrono_literals::operator""h;

constexpr auto kWeek = 24h * 7;

class RetentionTest : public RunnerTest {
 protected:
  // A folder whose files have not changed for so long.
  void leave(const std::string& name, std::chrono::hours age) {
    const fs::path folder = fs::path(root_) / name;
    fs::create_directories(folder);
    for (const char* file : {"spool", "spec.json"}) {
      std::ofstream(folder / file) << "x";
      fs::last_write_time(folder / file, now_ - age);
    }
    fs::last_write_time(folder, now_ - age);
  }
  std::size_t collect(std::set<std::string> in_use = {}, std::chrono::seconds keep = kWeek) {
    return collect_garbage(root_, in_use, keep, now_);
  }
  bool there(const std::string& name) const { return fs::exists(fs::path(root_) / name); }

  fs::file_time_type now_ = fs::file_time_type::clock::now();
};

TEST_F(RetentionTest, WhatIsOldGoesAndWhatIsYoungStays) {
  leave("01OLD.1", kWeek + 1h);
  leave("01OLD.2", kWeek - 1h);
  EXPECT_EQ(collect(), 1u);
  EXPECT_FALSE(there("01OLD.1"));
  EXPECT_TRUE(there("01OLD.2"));
}

TEST_F(RetentionTest, WhatAnActiveRunHoldsIsNeverTouched) {
  leave("01ACTIVE.1", kWeek * 10);
  leave("01ACTIVE.2", kWeek * 10);
  EXPECT_EQ(collect({"01ACTIVE.2"}), 1u);
  EXPECT_TRUE(there("01ACTIVE.2"));
  EXPECT_FALSE(there("01ACTIVE.1")) << "its older generations are nobody's";
}

TEST_F(RetentionTest, ARunnerThatLivesKeepsItsFolder) {
  folder_ = root_ + "/01LIVING.1";
  ASSERT_TRUE(start(agent("sleep 1000")));
  now_ += kWeek * 10;
  EXPECT_EQ(collect(), 0u);
  talk({message::Kill{}}, exited);
}

TEST_F(RetentionTest, ARunnerThatEndedLongAgoGoesWhole) {
  folder_ = root_ + "/01ENDED.1";
  ASSERT_TRUE(start(agent("echo words")));
  const auto pid = runner_pid(folder_);
  hear_all();
  EXPECT_TRUE(!pid || ends(*pid));
  now_ += kWeek * 2;
  EXPECT_EQ(collect(), 1u);
  EXPECT_FALSE(there("01ENDED.1"));
}

TEST_F(RetentionTest, NothingElseIsDeletedAndNoLinkIsFollowed) {
  for (const char* name : {"notes", "01RUN", "01RUN.", "01RUN.x", ".1", "a b.1"}) leave(name, kWeek * 10);
  leave("elsewhere/kept", kWeek * 10);
  fs::create_directory_symlink(root_ + "/elsewhere", root_ + "/01LINK.1");
  EXPECT_EQ(collect(), 0u);
  EXPECT_TRUE(there("elsewhere/kept/spool"));
}

TEST_F(RetentionTest, EvenWithoutRetentionAStartIsNotDisturbed) {
  leave("01NEW.1", 0h);
  leave("01DONE.1", 2h);
  EXPECT_EQ(collect({}, std::chrono::seconds(0)), 1u);
  EXPECT_TRUE(there("01NEW.1"));
}

TEST_F(RetentionTest, AFolderThatIsNotThereIsNoTrouble) { EXPECT_EQ(collect_garbage(root_ + "/missing", {}, kWeek, now_), 0u); }

}  // namespace
}  // namespace omakase::runner
