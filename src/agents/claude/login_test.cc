#include "agents/claude/login.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace omakase::agents::claude {
namespace {

namespace fs = std::filesystem;

class LoginTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/omakase-login-XXXXXX";
    root_ = mkdtemp(name);
    fs::create_directories(root_ / "home");
    fs::create_directories(root_ / "operator/.claude");
    std::ofstream(login()) << "token";
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path home() const { return root_ / "home"; }
  fs::path login() const { return root_ / "operator/.claude/.credentials.json"; }
  fs::path place() const { return home() / ".claude/.credentials.json"; }

  fs::path root_;
};

TEST_F(LoginTest, IsALinkThatComesAndGoes) {
  EXPECT_TRUE(link_login(home(), login()));
  EXPECT_EQ(fs::read_symlink(place()), login());
  EXPECT_TRUE(link_login(home(), login())) << "again";
  EXPECT_TRUE(link_login(home(), {}));
  EXPECT_FALSE(fs::is_symlink(place()));
  EXPECT_TRUE(fs::exists(login()));
}

TEST_F(LoginTest, ALinkThatAnAgentLeftInItsWayIsNotFollowed) {
  fs::create_directory_symlink(root_ / "operator/.claude", home() / ".claude");
  EXPECT_EQ(link_login(home(), {}).error().code, "login_blocked");
  EXPECT_TRUE(fs::is_regular_file(login())) << "the operator's own login is still there";
}

TEST_F(LoginTest, WhatAnAgentPutInItsPlaceIsReplacedOrSaid) {
  fs::create_directories(place());
  EXPECT_EQ(link_login(home(), login()).error().code, "login_blocked");
  fs::remove(place());
  std::ofstream(place()) << "of the agent's making";
  EXPECT_TRUE(link_login(home(), login()));
  EXPECT_EQ(fs::read_symlink(place()), login());
}

}  // namespace
}  // namespace omakase::agents::claude
