#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "process/child.h"
#include "process/run.h"
#include "process/sandbox.h"
#include "process/tree.h"
#include "runtime/loop.h"
#include "runtime/signal.h"
#include "runtime/task_group.h"

namespace omakase::process {
namespace {

using base::Result;
using runtime::Loop;
using runtime::run_task;
using runtime::Task;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;

const Environment kEnvironment{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};

Command shell(std::string script, std::vector<std::string> arguments = {}) {
  Command command{.argv = {"sh", "-c", std::move(script), "sh"}, .environment = kEnvironment};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return command;
}

Result<Output> run(Command command, runtime::Duration limit = 20s, std::size_t max_output = 1 << 20) {
  Loop loop;
  return run_task(loop, run_command(std::move(command), limit, max_output));
}

class TempFolder {
 public:
  TempFolder() {
    char name[] = "/tmp/omakase-process-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  std::string path(const std::string& name = "") const { return name.empty() ? path_ : path_ + "/" + name; }

 private:
  std::string path_;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Whether the process ends, or has ended.
bool ends(pid_t pid) {
  const Fd watched(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd end{.fd = watched.get(), .events = POLLIN, .revents = 0};
  return !watched || poll(&end, 1, 10'000) == 1;
}

TEST(RunCommand, GivesBothStreamsAndTheExitCode) {
  const auto output = run(shell("echo to out; echo to err >&2; exit 3"));
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "to out\n");
  EXPECT_EQ(output->err, "to err\n");
  EXPECT_EQ(output->status.code, 3);
  EXPECT_EQ(output->status.describe(), "ended with code 3");
}

TEST(RunCommand, TellsWhichSignalEndedIt) {
  const auto output = run(shell("kill -SEGV $$"));
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status.signal, SIGSEGV);
  EXPECT_THAT(output->status.describe(), HasSubstr("signal 11"));
}

TEST(RunCommand, GivesTheEnvironmentThatItWasToldAndNothingElse) {
  setenv("OMAKASE_TEST_SECRET", "must not be inherited", 1);
  const auto output = run({.argv = {"env"}, .environment = {"PATH=/usr/bin:/bin", "GIVEN=a b\"c"}});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "PATH=/usr/bin:/bin\nGIVEN=a b\"c\n");
}

TEST(RunCommand, PassesArgumentsThroughNoShell) {
  const auto output = run({.argv = {"printf", "%s|", "$HOME", "; echo x", "", "two\nlines"}, .environment = kEnvironment});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "$HOME|; echo x||two\nlines|");
}

TEST(RunCommand, LeavesNoDescriptorOfOursOpenInTheChild) {
  const int leaky = open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as a library might
  const auto output = run(shell("ls /proc/self/fd"));
  close(leaky);
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, "0\n1\n2\n3\n");  // 3 is the folder that ls reads
}

TEST(RunCommand, StartsWithSignalsAtTheirDefaults) {
  signal(SIGPIPE, SIG_IGN);
  const auto output = run(shell("kill -PIPE $$; echo survived"));
  signal(SIGPIPE, SIG_DFL);
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status.signal, SIGPIPE);
}

TEST(RunCommand, StartsInTheFolderThatItWasTold) {
  Command command = shell("pwd");
  command.folder = "/usr";
  EXPECT_EQ(run(command)->out, "/usr\n");
  command.folder = "/nonexistent/folder";
  const auto failed = run(command);
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().detail, HasSubstr("/nonexistent/folder"));
}

TEST(RunCommand, SaysThatAProgramIsNotInstalledOrCannotBeExecuted) {
  EXPECT_EQ(run({.argv = {"no-such-program"}, .environment = kEnvironment}).error().code, "program_missing");
  EXPECT_EQ(run({.argv = {"sh"}, .environment = {}}).error().code, "program_missing");  // no PATH, no search
  const TempFolder folder;
  std::ofstream(folder.path("text")) << "not a program";
  chmod(folder.path("text").c_str(), 0755);
  const auto failed = run({.argv = {folder.path("text")}, .environment = kEnvironment});
  EXPECT_EQ(failed.error().code, "spawn_failed");
  EXPECT_THAT(failed.error().detail, HasSubstr("Exec format error"));
}

TEST(RunCommand, KeepsTheBeginningOfTooMuchOutputAndReadsTheRest) {
  const auto output = run(shell("head -c 3000000 /dev/zero; echo end >&2"), 20s, 1000);
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out.size(), 1000u);
  EXPECT_TRUE(output->cut);
  EXPECT_TRUE(output->status.success());
}

TEST(RunCommand, EndsEverythingThatDescendsFromOneThatTakesTooLong) {
  const TempFolder folder;
  // The grandchild leaves the session, as a coding agent's shell tool does.
  const auto output =
      run(shell("setsid sh -c 'echo $$ > \"$1\"; exec sleep 1000' sh \"$1\" & wait", {folder.path("pid")}), 500ms);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, "command_timed_out");
  const pid_t grandchild = std::atoi(read_file(folder.path("pid")).c_str());
  ASSERT_GT(grandchild, 0);
  EXPECT_TRUE(ends(grandchild));
}

TEST(RunCommand, DoesNotWaitForWhatTheProgramLeftRunning) {
  const auto output = run(shell("sleep 1000 & echo $!"));
  ASSERT_TRUE(output);
  EXPECT_TRUE(ends(std::atoi(output->out.c_str())));
}

TEST(RunCommand, EndsTheProgramWhenItsCallerIsCancelled) {
  const TempFolder folder;
  Loop loop;
  run_task(loop, [](Loop& home, std::string pid_file) -> Task<> {
    runtime::TaskGroup group(home.executor());
    runtime::Signal started(home.executor());
    group.spawn("runs for ever", [](std::string file, runtime::Signal& signal) -> Task<> {
      co_await run_lines(shell("echo $$ > \"$1\"; echo started; exec sleep 1000", {std::move(file)}), 1000s,
                         [&](OutputStream, std::string_view) { signal.notify(); });
    }(std::move(pid_file), started));
    co_await started.wait();
    group.cancel();
    co_await group.join();
  }(loop, folder.path("pid")));
  EXPECT_TRUE(ends(std::atoi(read_file(folder.path("pid")).c_str())));
}

TEST(RunLines, GivesEachLineAsItIsWritten) {
  Loop loop;
  std::vector<std::string> lines;
  const auto status =
      run_task(loop, run_lines(shell("echo one; echo two >&2; head -c 100000 /dev/zero; printf '\\nhalf'"), 20s,
                               [&](OutputStream stream, std::string_view line) {
                                 lines.push_back((stream == OutputStream::kOut ? "out:" : "err:") + std::string(line));
                               }));
  ASSERT_TRUE(status && status->success());
  EXPECT_THAT(lines, testing::UnorderedElementsAre("out:one", "err:two", "out:[line too long]", "out:half"));
}

TEST(RunLines, GivesAProgramItsInputAndThenTheEndOfIt) {
  signal(SIGPIPE, SIG_IGN);  // as in the server: a program that does not read is no reason to die
  Loop loop;
  std::vector<std::string> lines;
  const auto note = [&](OutputStream, std::string_view line) { lines.emplace_back(line); };
  ASSERT_TRUE(run_task(loop, run_lines(shell("cat; echo end"), 20s, note, "first\nsecond\n")).value().success());
  EXPECT_THAT(lines, testing::ElementsAre("first", "second", "end"));
  EXPECT_TRUE(run_task(loop, run_lines(shell("exit 0"), 20s, note, "not read")).value().success());
}

TEST(Child, TalksBothWaysAndEndsWithItsInput) {
  Loop loop;
  run_task(loop, [](Loop& home) -> Task<> {
    Command command{.argv = {"cat"}, .environment = kEnvironment, .with_input = true};
    const auto child = Child::start(home.executor(), command).value();
    EXPECT_TRUE(co_await child->write("hello\n", 5s));
    char buffer[16];
    const auto [error, got] = co_await child->output().async_read_some(runtime::asio::buffer(buffer), runtime::use_tuple);
    EXPECT_EQ(std::string_view(buffer, got), "hello\n");
    child->close_input();
    const auto status = co_await child->wait();
    EXPECT_TRUE(status && status->success());
    const auto late = co_await child->write("more", 5s);
    EXPECT_EQ(late.error().code, "input_closed");
  }(loop));
}

TEST(Child, GivesUpWritingToOneThatNeverReads) {
  Loop loop;
  run_task(loop, [](Loop& home) -> Task<> {
    Command command{.argv = {"sleep", "1000"}, .environment = kEnvironment, .with_input = true};
    const auto child = Child::start(home.executor(), command).value();
    const auto written = co_await child->write(std::string(1 << 20, 'x'), 50ms);
    EXPECT_EQ(written.error().code, "input_blocked");
    child->send_signal(SIGTERM);
    const auto status = co_await child->wait();
    EXPECT_EQ(status->signal, SIGTERM);
  }(loop));
}

TEST(Child, DestroyedWhileItRunsTakesItsDescendantsAlong) {
  const TempFolder folder;
  pid_t child_pid = 0;
  pid_t grandchild = 0;
  Loop loop;
  run_task(loop, [](Loop& home, pid_t& pid, pid_t& below) -> Task<> {
    const auto child = Child::start(home.executor(), shell("setsid sleep 1000 & echo $!; wait")).value();
    char buffer[16];
    const auto [error, got] = co_await child->output().async_read_some(runtime::asio::buffer(buffer), runtime::use_tuple);
    pid = child->pid();
    below = std::atoi(std::string(buffer, got).c_str());
    EXPECT_THAT(descendants(pid), testing::Contains(below));
  }(loop, child_pid, grandchild));
  EXPECT_FALSE(process_state(child_pid));  // reaped
  EXPECT_TRUE(ends(grandchild));
}

TEST(Child, ManyMayWaitForTheSameEnd) {
  Loop loop;
  int ended = 0;
  run_task(loop, [](Loop& home, int& count) -> Task<> {
    const auto child = Child::start(home.executor(), shell("exit 4")).value();
    runtime::TaskGroup group(home.executor());
    for (int i = 0; i < 3; ++i) {
      group.spawn("waiter", [](Child& waited, int& total) -> Task<> {
        const auto status = co_await waited.wait();
        total += status->code;
      }(*child, count));
    }
    co_await group.join();
  }(loop, ended));
  EXPECT_EQ(ended, 12);
}

TEST(Tree, KnowsAProcessByItsStartTimeAndBoot) {
  const auto self = process_state(getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->parent, getppid());
  EXPECT_GT(self->start_time, 0u);
  EXPECT_EQ(boot_id().size(), 36u);
  EXPECT_FALSE(process_state(-1));
}

class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    Loop loop;
    const auto available = run_task(loop, sandbox_available(kEnvironment));
    if (!available) GTEST_SKIP() << available.error().detail;
    std::filesystem::create_directories(folder_.path("work"));
    std::filesystem::create_directories(folder_.path("tools"));
    std::ofstream(folder_.path("secret")) << "secret";
    spec_ = {.read_only = {folder_.path("tools")}, .read_write = {folder_.path("work")}, .folder = folder_.path("work")};
  }

  Result<Output> run_inside(std::string script) {
    Command command = shell(std::move(script), {folder_.path()});
    command.argv = sandboxed(spec_, command.argv);
    return run(command);
  }

  TempFolder folder_;
  SandboxSpec spec_;
};

TEST_F(Sandbox, SeesItsOwnFoldersAndKeepsTheCallersUid) {
  const auto output = run_inside("pwd; id -u; echo written > file; touch $1/tools/file || echo read-only; echo tmp > /tmp/x");
  ASSERT_TRUE(output);
  EXPECT_EQ(output->out, folder_.path("work") + "\n" + std::to_string(getuid()) + "\nread-only\n") << output->err;
  EXPECT_EQ(read_file(folder_.path("work/file")), "written\n");
  struct stat info{};
  ASSERT_EQ(stat(folder_.path("work/file").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, getuid());
}

TEST_F(Sandbox, HidesEverythingElse) {
  const auto output = run_inside(
      "cat $1/secret; ls /root /home /var; touch /etc/x /usr/x /x; ls /proc | grep -c '^[0-9]'; mount -t tmpfs none /tmp; "
      "grep -h CapEff /proc/self/status; ls / | tr '\\n' ' '");
  ASSERT_TRUE(output);
  EXPECT_THAT(output->out, testing::Not(HasSubstr("secret")));
  EXPECT_THAT(output->out, HasSubstr("CapEff:\t0000000000000000"));
  EXPECT_THAT(output->out, testing::Not(HasSubstr("root")));
  EXPECT_THAT(output->out, testing::Not(HasSubstr("home")));
  EXPECT_LT(std::atoi(output->out.c_str()), 10);  // processes
  for (const char* denied : {"/etc/x", "/usr/x", "/x", "/root", "/home", "/var", "mount: /tmp"}) {
    EXPECT_THAT(output->err, HasSubstr(denied));
  }
  EXPECT_FALSE(std::filesystem::exists("/etc/x"));
}

TEST_F(Sandbox, LeavesNothingRunningWhenItIsKilled) {
  Loop loop;
  Command command{.argv = sandboxed(spec_, {"sh", "-c", "setsid sleep 98765 & echo started; wait"}), .environment = kEnvironment};
  std::vector<pid_t> inside;
  run_task(loop, [](Loop& home, Command given, std::vector<pid_t>& tree) -> Task<> {
    const auto child = Child::start(home.executor(), given).value();
    char buffer[16];
    co_await child->output().async_read_some(runtime::asio::buffer(buffer), runtime::use_tuple);
    tree = descendants(child->pid());
    kill(child->pid(), SIGKILL);  // the outermost process alone
    // The pipe is at its end when the last process that holds it is gone.
    const auto [error, got] = co_await child->output().async_read_some(runtime::asio::buffer(buffer), runtime::use_tuple);
    EXPECT_EQ(error, runtime::asio::error::eof);
  }(loop, command, inside));
  EXPECT_GE(inside.size(), 3u);
  for (const pid_t pid : inside) EXPECT_TRUE(ends(pid));
}

// A server that runs as root has the uid to which these belong; nothing is really written.
TEST_F(Sandbox, NoSettingOfTheKernelCanBeWritten) {
  const auto output = run_inside(
      "for f in $(find /proc -maxdepth 4 -path '/proc/[0-9]*' -prune -o -type f -perm -u+w -print 2>/dev/null) "
      "/proc/self/oom_score_adj; do (: >> $f) 2>/dev/null && echo $f; done; echo looked");
  EXPECT_EQ(output->out, "looked\n");
}

TEST_F(Sandbox, OfTheSystemsSettingsItSeesWhatEverybodyMayRead) {
  const auto output = run_inside(
      "find /etc ! -type l ! -perm -o+r 2>/dev/null | while read -r f; do [ -s \"$f\" ] && cat \"$f\" 2>/dev/null; ls \"$f\"/* "
      "2>/dev/null; done; cat /etc/shadow; head -1 /etc/passwd");
  EXPECT_THAT(output->out, testing::MatchesRegex("root:[^\n]*\n"));
}

TEST_F(Sandbox, WhatItWritesToMemoryIsBounded) {
  const auto output =
      run_inside("df --output=size -B1 /tmp /dev/shm | tail -2; touch /dev/x || echo read-only; echo x > /dev/null");
  const auto sizes = base::split(output->out, '\n');
  const auto memory = sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGE_SIZE);
  ASSERT_GE(sizes.size(), 3u) << output->err;
  EXPECT_LE(std::atoll(std::string(sizes[0]).c_str()), memory / 4);
  EXPECT_LE(std::atoll(std::string(sizes[1]).c_str()), memory / 4);
  EXPECT_EQ(sizes[2], "read-only");
}

TEST_F(Sandbox, CanDoWithoutTheNetwork) {
  spec_.network = Network::kModel;
  const auto output = run_inside("cat /proc/net/dev | grep -vc 'lo:\\|Inter\\|face'");
  EXPECT_EQ(output->out, "0\n");
}

}  // namespace
}  // namespace omakase::process
