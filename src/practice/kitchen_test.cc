#include "practice/kitchen.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace omakase::practice {
namespace {

namespace fs = std::filesystem;

class Kitchen : public testing::Test {
 public:
  Kitchen() {
    std::string pattern = fs::temp_directory_path() / "omakase-kitchen-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~Kitchen() override { fs::remove_all(folder); }

 protected:
  // The exit code of a shell line in the folder; what it prints goes to the file `out` there.
  int shell(const std::string& line) const {
    const int status = std::system(("cd " + folder.string() + " && { " + line + "; } >out 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string printed() const {
    std::ifstream file(folder / "out");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder;
};

TEST_F(Kitchen, CanBeClonedAndItsTestFailsUntilTheMistakeIsMended) {
  const auto path = ensure_practice_kitchen(folder);
  ASSERT_TRUE(path) << path.error().detail;
  EXPECT_EQ(*path, folder / "practice-kitchen.git");
  ASSERT_EQ(shell("git clone -q " + *path + " clone && git -C clone rev-parse --abbrev-ref HEAD"), 0) << printed();
  EXPECT_EQ(printed(), "main\n");
  EXPECT_EQ(shell("cd clone && sh test.sh"), 1) << printed();
  EXPECT_NE(printed().find("not ok: 4 guests need 320 g, not 84 g"), std::string::npos) << printed();
  EXPECT_EQ(shell("cd clone && sed -i 's/guests + 80/guests * 80/' rice.sh && ./test.sh"), 0) << printed();
}

TEST_F(Kitchen, WhatIsThereIsLeftAlone) {
  ASSERT_TRUE(ensure_practice_kitchen(folder));
  ASSERT_EQ(shell("git clone -q practice-kitchen.git clone && cd clone && git -c user.name=a -c user.email=a@b commit -q "
                  "--allow-empty -m mine "
                  "&& git push -q origin main"),
            0)
      << printed();
  ASSERT_TRUE(ensure_practice_kitchen(folder));
  EXPECT_EQ(shell("git -C practice-kitchen.git log --format=%s"), 0);
  EXPECT_EQ(printed(), "mine\nOpen the practice kitchen\n");
}

TEST_F(Kitchen, LeavesNothingElseBehind) {
  ASSERT_TRUE(ensure_practice_kitchen(folder));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(Kitchen, SaysWhatIsMissing) {
  const auto nowhere = ensure_practice_kitchen(folder / "not" / "there");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().detail.find((folder / "not/there").string()), std::string::npos);

  const std::string path = std::getenv("PATH");
  setenv("PATH", folder.c_str(), 1);
  const auto without_git = ensure_practice_kitchen(folder);
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(without_git);
  EXPECT_EQ(without_git.error().code, "git_missing");
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST_F(Kitchen, GivesGitsOwnReasonWhenItFails) {
  ASSERT_EQ(shell("printf '#!/bin/sh\\necho the oven is cold >&2; exit 3\\n' >git && chmod +x git"), 0);
  const std::string path = std::getenv("PATH");
  setenv("PATH", folder.c_str(), 1);
  const auto failed = ensure_practice_kitchen(folder);
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "git_failed");
  EXPECT_NE(failed.error().detail.find("the oven is cold"), std::string::npos) << failed.error().detail;
  EXPECT_FALSE(fs::exists(folder / "practice-kitchen.git"));
}

}  // namespace
}  // namespace omakase::practice
