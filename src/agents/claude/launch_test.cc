#include "agents/claude/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace omakase::agents::claude {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Not;
using testing::StartsWith;

TEST(LaunchTest, ToolsOfAVersionManagerInTheOperatorsHomeAreFound) {
  char name[] = "/tmp/omakase-launch-XXXXXX";
  const fs::path home = mkdtemp(name);
  fs::create_directories(home / ".rustup/toolchains");
  SessionOptions options;
  options.path = "/usr/bin:/bin";
  options.setup_environment = {"HOME=" + home.string()};
  const auto spec = make_spec(options, Launch{.folders = ProjectFolders(options, "project", "miso")});
  EXPECT_THAT(spec.environment, Contains("RUSTUP_HOME=" + (home / ".rustup").string()));
  EXPECT_THAT(spec.environment, Not(Contains(StartsWith("PYENV_ROOT="))));
  ASSERT_TRUE(spec.sandbox);
  EXPECT_THAT(spec.sandbox->read_only, Contains((home / ".rustup").string()));
  fs::remove_all(home);
}

}  // namespace
}  // namespace omakase::agents::claude
