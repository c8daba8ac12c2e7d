// The real Claude Code under the practice model: what a newcomer sees without a key.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "practice/kitchen.h"
#include "practice/model.h"
#include "runtime/loop.h"

namespace omakase::practice {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string claude_code() {
  const char* chosen = std::getenv("OMAKASE_CLAUDE_BIN");
  return chosen && *chosen ? chosen : OMAKASE_SOURCE_FOLDER "/tools/agents/node_modules/.bin/claude";
}

// Starts a program with this environment only; its standard output and error come through `output`.
pid_t start(std::vector<std::string> args, std::vector<std::string> environment, const fs::path& folder, int& output) {
  std::vector<char*> argv, envp;
  for (std::string& arg : args) argv.push_back(arg.data());
  for (std::string& variable : environment) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, ends[1], 1);
  posix_spawn_file_actions_adddup2(&files, ends[1], 2);
  posix_spawn_file_actions_addchdir_np(&files, folder.c_str());
  pid_t pid = -1;
  EXPECT_EQ(posix_spawn(&pid, args[0].c_str(), &files, nullptr, argv.data(), envp.data()), 0);
  posix_spawn_file_actions_destroy(&files);
  close(ends[1]);
  output = ends[0];
  return pid;
}

// A clone of the practice kitchen, and a home that Claude Code has for itself.
class ClaudeCode : public testing::Test {
 public:
  ClaudeCode() {
    std::string pattern = fs::temp_directory_path() / "omakase-claude-XXXXXX";
    folder = mkdtemp(pattern.data());
    fs::create_directory(folder / "home");
  }
  ~ClaudeCode() override { fs::remove_all(folder); }

 protected:
  void SetUp() override {
    ASSERT_TRUE(fs::exists(claude_code())) << "Claude Code is not at " << claude_code()
                                           << ": run `npm ci` in tools/agents, or name it in OMAKASE_CLAUDE_BIN.";
    ASSERT_TRUE(ensure_practice_kitchen(folder));
    ASSERT_EQ(shell("git clone -q ../practice-kitchen.git .", folder / "workspace"), 0);
  }

  static int shell(const std::string& line, const fs::path& where) {
    fs::create_directories(where);
    const int status = std::system(("cd " + where.string() + " && { " + line + "; } >../out 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string printed(const std::string& line) const {
    EXPECT_EQ(shell(line, folder / "workspace"), 0);
    std::ifstream file(folder / "out");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // The last object that Claude Code prints when it is asked this in the workspace.
  json::object ask(const std::string& prompt) const {
    runtime::Loop loop;
    std::string output;
    runtime::run_task(loop, serve_while_it_runs(loop, prompt, output));
    const auto result = base::parse_json_object(output);
    EXPECT_TRUE(result) << output;
    return result.value_or(json::object());
  }

  fs::path folder;

 private:
  Task<> serve_while_it_runs(runtime::Loop& loop, const std::string& prompt, std::string& output) const {
    const base::SystemClock clock;
    PracticeModel model(loop.executor(), clock, {.pace = milliseconds(0), .log_path = {}});
    EXPECT_TRUE(model.listen("127.0.0.1", 0));
    model.serve();
    int fd = -1;
    const pid_t pid = start(
        {claude_code(), "-p", "--output-format", "json", "--dangerously-skip-permissions", prompt},
        {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + (folder / "home").string(), "LANG=C.UTF-8", "TMPDIR=" + folder.string(),
         "IS_SANDBOX=1", "ANTHROPIC_API_KEY=practice", "ANTHROPIC_BASE_URL=http://127.0.0.1:" + std::to_string(model.port()),
         "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1"},
        folder / "workspace", fd);
    runtime::asio::posix::stream_descriptor reader(loop.io(), fd);
    co_await runtime::asio::async_read(reader, runtime::asio::dynamic_buffer(output), runtime::use_tuple);
    waitpid(pid, nullptr, 0);
    model.stop();
    co_await model.join();
  }
};

TEST_F(ClaudeCode, RepairsTheKitchenAndAnswersInMarkdown) {
  const json::object result = ask("Please fix the failing test.");
  EXPECT_EQ(result.at("is_error"), false);
  EXPECT_THAT(std::string(result.at("result").as_string()), HasSubstr("The tests pass: I repaired `rice.sh`."));
  EXPECT_THAT(std::string(result.at("result").as_string()), HasSubstr("+echo $((guests * 80))"));
  EXPECT_THAT(printed("sh test.sh"), HasSubstr("ok: 12 guests, 960 g"));
  EXPECT_EQ(printed("git status --porcelain"), " M rice.sh\n");
}

TEST_F(ClaudeCode, ChangesAFileWhateverItIsAsked) {
  EXPECT_THAT(std::string(ask("Say hello.").at("result").as_string()), HasSubstr("> Say hello."));
  EXPECT_EQ(printed("git status --porcelain"), "?? PRACTICE.md\n");
  EXPECT_THAT(std::string(ask("And again.").at("result").as_string()), HasSubstr("- changed `PRACTICE.md`"));
  EXPECT_THAT(printed("cat PRACTICE.md"), HasSubstr("- You asked: Say hello.\n- You asked: And again.\n"));
}

}  // namespace
}  // namespace omakase::practice
