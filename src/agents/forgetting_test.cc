#include "agents/forgetting.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace omakase::agents {
namespace {

namespace fs = std::filesystem;

class Forgetting : public testing::Test {
 protected:
  void SetUp() override {
    const auto name = std::string("omakase-forgetting-") + testing::UnitTest::GetInstance()->current_test_info()->name();
    root_ = fs::temp_directory_path() / name;
    fs::remove_all(root_);
    options_.runners = root_ / "runners";
    options_.state_root = root_ / "projects";
    home_ = ProjectFolders(options_, "project", "nori").home;
  }
  void TearDown() override { fs::remove_all(root_); }
  static void write(const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "words";
  }
  std::size_t forget() { return forget_files(options_, {"project", "nori", "session-1", {"run-1", "run-2"}}); }

  fs::path root_;
  fs::path home_;
  SessionOptions options_;
};

TEST_F(Forgetting, TakesTheSpoolsOfItsRunsAndTheAgentsTranscriptAndNothingElse) {
  for (const auto* name : {"run-1.1", "run-1.2", "run-2.1", "run-22.1", "run-3.1"}) write(options_.runners / name / "spool");
  const fs::path talks = home_ / ".claude" / "projects" / "-workspace";
  write(talks / "session-1.jsonl");
  write(talks / "session-1" / "subagents" / "one.jsonl");
  write(talks / "session-2.jsonl");
  EXPECT_GT(forget(), 0u);
  EXPECT_FALSE(fs::exists(options_.runners / "run-1.1") || fs::exists(options_.runners / "run-1.2"));
  EXPECT_FALSE(fs::exists(options_.runners / "run-2.1"));
  EXPECT_TRUE(fs::exists(options_.runners / "run-22.1") && fs::exists(options_.runners / "run-3.1"));
  EXPECT_FALSE(fs::exists(talks / "session-1.jsonl") || fs::exists(talks / "session-1"));
  EXPECT_TRUE(fs::exists(talks / "session-2.jsonl"));
  EXPECT_EQ(forget(), 0u);
}

TEST_F(Forgetting, FollowsNoLinkOutOfTheAgentsHome) {
  const fs::path elsewhere = root_ / "elsewhere";
  write(elsewhere / "session-1.jsonl");
  fs::create_directories(home_ / ".claude" / "projects");
  fs::create_directory_symlink(elsewhere, home_ / ".claude" / "projects" / "-workspace");
  EXPECT_EQ(forget(), 0u);
  EXPECT_TRUE(fs::exists(elsewhere / "session-1.jsonl"));
}

}  // namespace
}  // namespace omakase::agents
