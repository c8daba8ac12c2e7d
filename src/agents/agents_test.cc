#include <gtest/gtest.h>

#include "agents/plain_text.h"
#include "agents/repo_url.h"
#include "agents/workspace_setup.h"

namespace omakase::agents {
namespace {

TEST(RepoUrl, TakesTheProtocolsOfTheContractOnly) {
  for (const char* good :
       {"https://git.example.com/a/b.git", "ssh://git@host/a", "git@host:team/repo.git", "https://user@host:8443/a"}) {
    EXPECT_TRUE(check_repo_url(good, false)) << good;
  }
  for (const char* local : {"/srv/repo", "file:///srv/repo"}) {
    EXPECT_TRUE(check_repo_url(local, true)) << local;
    EXPECT_FALSE(check_repo_url(local, false)) << local;
  }
  for (const char* bad :
       {"", "ext::sh -c id", "--upload-pack=x", "-oProxyCommand=x", "http://host/a", "git://host/a", "ftp://x/y", "relative/path",
        "../up", "https://", "https://host", "ssh://-oProxyCommand=id/x", "git@-oProxyCommand=id:x", "https://host/a\nb",
        "file://host/x", "a::b:c", "-x@host:y", "https://user:secret@host/a"}) {
    EXPECT_FALSE(check_repo_url(bad, true)) << bad;
  }
  EXPECT_EQ(check_repo_url("ext::x", true).error().field, "repoUrl");
}

TEST(RepoUrl, APasswordIsTakenOutOfTheAddress) {
  const auto split = without_password("https://me:s%40cret@host:8443/a@b.git");
  EXPECT_EQ(split.address, "https://host:8443/a@b.git");
  EXPECT_EQ(split.login, "me:s%40cret");
  for (const char* kept : {"https://me@host/a", "ssh://git@host:22/a", "git@host:a/b@c:d", "/srv/a:b@c", "https://host/a:b@c"}) {
    EXPECT_EQ(without_password(kept).address, kept);
    EXPECT_EQ(without_password(kept).login, "");
  }
}

TEST(PlainText, TakesControlSequencesOutAndKeepsTheRest) {
  EXPECT_EQ(plain_text("\x1b[31mred\x1b[0m \x1b]0;title\a ok\x07"), "red  ok");
  EXPECT_EQ(plain_text("10%\r50%\r100%\nnext\r\n"), "100%\nnext\n");
  EXPECT_EQ(plain_text("a\xff"
                       "b\tc"),
            "a\xEF\xBF\xBD"
            "b\tc");
  EXPECT_EQ(plain_text("cut \x1b["), "cut ");
  EXPECT_EQ(plain_text(std::string_view("n\0l", 3)), "nl");
}

TEST(PlainText, ShortenedTextSaysWhatIsMissing) {
  EXPECT_EQ(shortened("short", 100), "short");
  const std::string cut = shortened(std::string(500, 'a') + std::string(500, 'b'), 100);
  EXPECT_LT(cut.size(), 200u);
  EXPECT_NE(cut.find("bytes left out"), std::string::npos);
}

TEST(SetupStep, IsReadOnlyFromItsOwnForm) {
  const auto step = SetupStep::parse("@step clone failed There is no such repository.");
  ASSERT_TRUE(step);
  EXPECT_EQ(step->step, "clone");
  EXPECT_EQ(step->state, "failed");
  EXPECT_EQ(step->text, "There is no such repository.");
  for (const char* line :
       {"step clone done x", "@step", "@step clone", "@step clone odd x", "@step cl/one done x", " @step clone done x"}) {
    EXPECT_FALSE(SetupStep::parse(line)) << line;
  }
}

TEST(WorkspaceInfo, IsReadFromPairs) {
  WorkspaceInfo info;
  EXPECT_TRUE(info.read("@info branch=main commit=9c41e7a uncommitted=2 odd"));
  EXPECT_EQ(info.branch, "main");
  EXPECT_EQ(info.commit, "9c41e7a");
  EXPECT_FALSE(info.read("branch=x"));
}

}  // namespace
}  // namespace omakase::agents
