#include "runner/runner.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "process/tree.h"
#include "runner/agent_run.h"
#include "runner/launcher.h"
#include "runner/link.h"
#include "runner/presence.h"
#include "runtime/loop.h"

namespace omakase::runner {
namespace {

using base::Result;
using runtime::Loop;
using runtime::run_task;
using runtime::Task;
using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::HasSubstr;

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Whether the process ends, or has ended.
bool ends(pid_t pid) {
  const process::Fd watched(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd end{.fd = watched.get(), .events = POLLIN, .revents = 0};
  return !watched || poll(&end, 1, 20'000) == 1;
}

// What was read from a link, as a test looks at it.
struct Heard {
  std::vector<std::string> out;
  std::string err;
  std::vector<Note> notes;
  std::uint64_t offset = 0;
  bool link_ended = false;

  void add(const Record& record) {
    offset = record.end_offset;
    if (record.kind == RecordKind::kOut) out.push_back(record.payload);
    if (record.kind == RecordKind::kErr) err += record.payload;
    if (record.kind == RecordKind::kNote) notes.push_back(decode_note(record.payload).value());
  }
  template <typename Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Note& note : notes) {
      if (const auto* one = std::get_if<Kind>(&note)) found.push_back(*one);
    }
    return found;
  }
  const note::Exit* exit() const { return notes.empty() ? nullptr : std::get_if<note::Exit>(&notes.back()); }
};

Task<> hear(RunnerLink& link, Heard& heard, std::function<bool(const Heard&)> enough) {
  while (!enough(heard)) {
    const auto record = co_await link.next();
    if (!record || !*record) {
      heard.link_ended = true;
      co_return;
    }
    heard.add(**record);
  }
}

bool exited(const Heard& heard) { return heard.exit() != nullptr; }
auto lines(std::size_t count) {
  return [count](const Heard& heard) { return heard.out.size() >= count; };
}

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    char name[] = "/tmp/omakase-runner-XXXXXX";
    root_ = mkdtemp(name);
    folder_ = root_ + "/run";
  }
  ~RunnerTest() override {
    if (const auto pid = runner_pid(folder_)) {
      kill(*pid, SIGKILL);
      EXPECT_TRUE(ends(*pid));
    }
    EXPECT_THAT(read_file(folder_ + "/runner.log"), testing::Not(HasSubstr("Sanitizer")));
    std::filesystem::remove_all(root_);
  }

  static RunnerSpec agent(std::string script) {
    return {.run_id = "01RUN",
            .argv = {"sh", "-c", std::move(script)},
            .environment = {"PATH=/usr/bin:/bin", "FOLLOWED=yes"},
            .folder = "/",
            .orphan_timeout = 60'000ms,
            .stop = {.interrupt = 100ms, .close = 100ms, .term = 100ms}};
  }

  Result<pid_t> start(const RunnerSpec& spec, process::Environment secrets = {}) {
    if (const auto written = write_spec(folder_, spec); !written) return std::unexpected(written.error());
    Loop loop;
    const Launcher launcher;
    return run_task(loop, launcher.start(folder_, std::move(secrets)));
  }

  // Connects, sends, and listens until it has heard enough.
  Heard talk(std::vector<ServerMessage> messages, std::function<bool(const Heard&)> enough, std::uint64_t from = 0) {
    Loop loop;
    Heard heard;
    run_task(loop,
             [](std::string folder, std::uint64_t offset, std::vector<ServerMessage> said, Heard& into,
                std::function<bool(const Heard&)> until) -> Task<> {
               const auto link = co_await RunnerLink::connect(folder, offset);
               EXPECT_TRUE(link) << link.error().detail;
               if (!link) co_return;
               for (const ServerMessage& message : said) EXPECT_TRUE((*link)->send(message));
               co_await hear(**link, into, until);
               if (exited(into) && (*link)->live()) {
                 EXPECT_TRUE((*link)->send(message::Bye{}));
                 while (const auto more = co_await (*link)->next()) {
                   if (!*more) break;
                 }
               }
             }(folder_, from, std::move(messages), heard, std::move(enough)));
    return heard;
  }
  Heard hear_all(std::uint64_t from = 0) { return talk({}, exited, from); }

  std::string root_;
  std::string folder_;
};

TEST_F(RunnerTest, TellsWhatTheAgentSaidAndHowItEnded) {
  ASSERT_TRUE(start(agent("echo one; echo two; echo trouble >&2; exit 7")));
  const Heard heard = hear_all();
  EXPECT_THAT(heard.out, ElementsAre("one", "two"));
  EXPECT_EQ(heard.err, "trouble\n");
  ASSERT_TRUE(heard.exit());
  EXPECT_EQ(heard.exit()->status.code, 7);
  EXPECT_EQ(heard.exit()->stderr_tail, "trouble\n");
}

TEST_F(RunnerTest, TellsWhichSignalEndedTheAgent) {
  ASSERT_TRUE(start(agent("kill -SEGV $$")));
  EXPECT_EQ(hear_all().exit()->status.signal, SIGSEGV);
}

TEST_F(RunnerTest, ASecondConnectionGoesOnExactlyWhereTheFirstEnded) {
  ASSERT_TRUE(start(agent("for i in 1 2 3 4 5; do echo line $i; done; read go; echo said $go; sleep 1000")));
  const Heard first = talk({}, lines(2));
  EXPECT_THAT(first.out, ElementsAre("line 1", "line 2"));
  const Heard second = talk({message::Input{"a", "now"}}, lines(4), first.offset);
  EXPECT_THAT(second.out, ElementsAre("line 3", "line 4", "line 5", "said now"));
  const Heard again = talk({message::Kill{}}, exited);
  EXPECT_THAT(again.out, ElementsAre("line 1", "line 2", "line 3", "line 4", "line 5", "said now"));
}

TEST_F(RunnerTest, WritesAnInputOnceHoweverOftenItIsSent) {
  ASSERT_TRUE(start(agent("while read line; do echo \"got $line\"; done")));
  const Heard first = talk({message::Input{"a", "one"}, message::Input{"a", "one"}, message::Input{"b", "two"}}, lines(2));
  EXPECT_THAT(first.out, ElementsAre("got one", "got two"));
  const Heard all = talk({message::Input{"b", "two"}, message::Input{"c", "three"}, message::CloseInput{}}, exited);
  EXPECT_THAT(all.out, ElementsAre("got one", "got two", "got three"));
  EXPECT_EQ(all.all<note::InputWritten>().size(), 3u);
  EXPECT_EQ(all.all<note::InputWritten>()[2].id, "c");
}

TEST_F(RunnerTest, ANewServerTakesOverFromTheOlder) {
  ASSERT_TRUE(start(agent("echo hello; sleep 1000")));
  Loop loop;
  run_task(loop, [](std::string folder) -> Task<> {
    const auto older = co_await RunnerLink::connect(folder, 0);
    const auto newer = co_await RunnerLink::connect(folder, 0);
    Heard by_older;
    co_await hear(**older, by_older, [](const Heard&) { return false; });
    EXPECT_TRUE(by_older.link_ended);
    EXPECT_FALSE((*older)->send(message::Kill{}));
    Heard by_newer;
    co_await hear(**newer, by_newer, lines(1));
    EXPECT_THAT(by_newer.out, ElementsAre("hello"));
  }(folder_));
}

TEST_F(RunnerTest, EndsAfterByeAndLeavesTheSpoolToBeReadAgain) {
  const auto pid = start(agent("echo one"));
  ASSERT_TRUE(pid);
  EXPECT_EQ(find(folder_), Presence::kAlive);
  EXPECT_EQ(runner_pid(folder_), *pid);
  hear_all();
  EXPECT_TRUE(ends(*pid));
  EXPECT_EQ(find(folder_), Presence::kExited);
  EXPECT_EQ(runner_pid(folder_), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/socket"));
  EXPECT_THAT(hear_all().out, ElementsAre("one"));
}

TEST_F(RunnerTest, IgnoresByeWhileTheAgentLives) {
  ASSERT_TRUE(start(agent("read line; echo $line")));
  const Heard heard = talk({message::Bye{}, message::Input{"a", "still here"}}, exited);
  EXPECT_THAT(heard.out, ElementsAre("still here"));
}

TEST_F(RunnerTest, AFolderHoldsOneAgentOnce) {
  const RunnerSpec spec = agent("sleep 1000");
  ASSERT_TRUE(start(spec));
  EXPECT_EQ(start(spec).error().code, "runner_used");
  Loop loop;
  const Launcher launcher;
  EXPECT_EQ(run_task(loop, launcher.start(folder_, {})).error().code, "runner_running");
  talk({message::Kill{}}, exited);
  EXPECT_EQ(start(spec).error().code, "runner_used");
}

TEST_F(RunnerTest, SaysWhyTheAgentCannotBeStartedAndMayBeTriedAgain) {
  RunnerSpec spec = agent("");
  spec.argv = {"no-such-agent"};
  const auto failed = start(spec);
  EXPECT_EQ(failed.error().code, "program_missing");
  EXPECT_THAT(failed.error().detail, HasSubstr("no-such-agent"));
  spec.argv = {"/etc/passwd"};
  EXPECT_EQ(start(spec).error().code, "spawn_failed");
  EXPECT_EQ(find(folder_), Presence::kNone);
  EXPECT_TRUE(start(agent("echo fine")));
  EXPECT_THAT(hear_all().out, ElementsAre("fine"));
}

TEST_F(RunnerTest, SaysWhatIsWrongWithTheFolder) {
  Loop loop;
  const Launcher launcher;
  EXPECT_EQ(run_task(loop, launcher.start(root_ + "/missing", {})).error().code, "no_runner_folder");
  std::filesystem::create_directory(folder_);
  std::ofstream(folder_ + "/spec.json") << "{\"protocol\":99}";
  EXPECT_EQ(run_task(loop, launcher.start(folder_, {})).error().code, "unknown_protocol");
}

TEST_F(RunnerTest, WorksInAFolderWhosePathIsLongerThanASocketsAddress) {
  folder_ = root_ + "/" + std::string(120, 'd');
  std::filesystem::create_directory(folder_);
  folder_ += "/run";
  ASSERT_TRUE(start(agent("echo hello")));
  EXPECT_THAT(hear_all().out, ElementsAre("hello"));
}

TEST_F(RunnerTest, SecretsReachTheAgentAndNoDisk) {
  ASSERT_TRUE(
      start(agent("env | sort; tr '\\0' ' ' </proc/$PPID/cmdline; tr '\\0' '\\n' </proc/$PPID/environ"), {"KEY=canary-5Q"}));
  const Heard heard = hear_all();
  EXPECT_THAT(heard.out, testing::Contains("KEY=canary-5Q"));
  EXPECT_THAT(heard.out, testing::Contains("FOLLOWED=yes"));
  EXPECT_EQ(std::ranges::count(heard.out, "KEY=canary-5Q"), 1) << "it is in the runner's own environment or command line";
  for (const char* name : {"spec.json", "pid.json", "runner.log", "lock"}) {
    EXPECT_THAT(read_file(folder_ + "/" + name), testing::Not(HasSubstr("canary"))) << name;
  }
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(RunnerTest, PassesBytesThroughAsTheyAre) {
  ASSERT_TRUE(start(agent("printf 'a\\000b\\377\\n\\n'; printf half")));
  const Heard heard = hear_all();
  EXPECT_THAT(heard.out, ElementsAre(std::string("a\0b\xff", 4), ""));
  ASSERT_EQ(heard.all<note::HalfLine>().size(), 1u);
  EXPECT_EQ(heard.all<note::HalfLine>()[0].text, "half");
}

TEST_F(RunnerTest, SurvivesALineThatNeverSeemsToEnd) {
  const auto pid = start(agent("head -c 100000000 /dev/zero; echo; echo after; read go"));
  ASSERT_TRUE(pid);
  const Heard heard = talk({}, lines(1));
  EXPECT_THAT(heard.out, ElementsAre("after"));
  EXPECT_EQ(heard.all<note::Oversize>().size(), 1u);
#if !__has_feature(address_sanitizer)
  const std::string status = read_file("/proc/" + std::to_string(*pid) + "/status");
  EXPECT_LT(std::atoll(status.c_str() + status.find("VmHWM:") + 6), 200'000) << "kB";
#endif
}

TEST_F(RunnerTest, KeepsTheEndOfAFloodOfErrors) {
  ASSERT_TRUE(start(agent("head -c 3000000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 1")));
  const Heard heard = hear_all();
  EXPECT_EQ(heard.all<note::ErrorCut>().size(), 1u);
  EXPECT_LT(heard.err.size(), 2'000'000u);
  EXPECT_EQ(heard.exit()->stderr_tail.size(), 65536u);
  EXPECT_TRUE(heard.exit()->stderr_tail.ends_with("xthe end\n"));
}

TEST_F(RunnerTest, NoticesAnAgentThatClosesItsOutputAndLives) {
  ASSERT_TRUE(start(agent("exec >&-; sleep 1000")));
  const Heard heard = talk({}, [](const Heard& so_far) { return !so_far.all<note::OutputClosed>().empty(); });
  EXPECT_FALSE(heard.exit());
  EXPECT_TRUE(talk({message::Stop{}}, exited).exit());
}

TEST_F(RunnerTest, RefusesInputThatAnAgentWhichNeverReadsCannotTake) {
  ASSERT_TRUE(start(agent("exec sleep 1000")));
  std::vector<ServerMessage> messages;
  for (int i = 0; i < 18; ++i) messages.push_back(message::Input{"m" + std::to_string(i), std::string(1 << 20, 'x')});
  const Heard heard = talk(messages, [](const Heard& so_far) { return !so_far.all<note::InputRefused>().empty(); });
  EXPECT_EQ(heard.all<note::InputRefused>()[0].id, "m17") << "one is on its way, sixteen wait";
  EXPECT_TRUE(heard.all<note::InputWritten>().empty());
  EXPECT_EQ(talk({message::Stop{}}, exited).exit()->status.signal, SIGTERM);
}

TEST_F(RunnerTest, StopAsksWithTheAgentsOwnInterruptFirst) {
  RunnerSpec spec = agent("read line; echo \"told $line\"; read end; echo \"input ended\"; exit 5");
  spec.interrupt = "please stop";
  spec.stop = {.interrupt = 50ms, .close = 60'000ms, .term = 0ms};
  ASSERT_TRUE(start(spec));
  const Heard heard = talk({message::Stop{}, message::Stop{}}, exited);
  EXPECT_THAT(heard.out, ElementsAre("told please stop", "input ended"));
  EXPECT_EQ(heard.exit()->status.code, 5);
  EXPECT_TRUE(heard.all<note::InputWritten>().empty());
}

TEST_F(RunnerTest, StopEndsAnAgentThatIgnoresEverythingAndWhatLeftItsSession) {
  ASSERT_TRUE(
      start(agent("trap '' TERM INT HUP; setsid sh -c 'echo $$; trap \"\" TERM; sleep 1000; sleep 1000' & "
                  "echo $$; while :; do sleep 1; done")));
  const Heard started = talk({}, lines(2));
  const Heard heard = talk({message::Stop{}}, exited, started.offset);
  EXPECT_EQ(heard.exit()->status.signal, SIGKILL);
  for (const std::string& pid : started.out) EXPECT_FALSE(process::process_state(std::atoi(pid.c_str()))) << pid;
}

TEST_F(RunnerTest, NothingOutlivesAnAgentThatEndsByItself) {
  ASSERT_TRUE(start(agent("for i in 1 2 3; do (setsid sh -c 'echo $$; exec sleep 1000' &) ; done; read go")));
  const Heard started = talk({}, lines(3));
  talk({message::CloseInput{}}, exited, started.offset);
  for (const std::string& pid : started.out) EXPECT_FALSE(process::process_state(std::atoi(pid.c_str()))) << pid;
}

TEST_F(RunnerTest, EndsItsAgentAndItselfWhenNobodyAsksForIt) {
  RunnerSpec spec = agent("echo $$; exec sleep 1000");
  spec.orphan_timeout = 200ms;
  const auto pid = start(spec);
  ASSERT_TRUE(pid);
  EXPECT_TRUE(ends(*pid));
  EXPECT_EQ(find(folder_), Presence::kExited);
  const Heard heard = hear_all();
  ASSERT_TRUE(heard.exit());
  EXPECT_FALSE(process::process_state(std::atoi(heard.out.at(0).c_str())));
}

TEST_F(RunnerTest, EndsItselfWhenNobodyFetchesAnEndedAgent) {
  RunnerSpec spec = agent("echo done");
  spec.orphan_timeout = 100ms;
  const auto pid = start(spec);
  ASSERT_TRUE(pid);
  EXPECT_TRUE(ends(*pid));
  EXPECT_THAT(hear_all().out, ElementsAre("done"));
}

TEST_F(RunnerTest, AServerThatIsConnectedKeepsASilentAgentAlive) {
  RunnerSpec spec = agent("sleep 1; echo still here");
  spec.orphan_timeout = 200ms;
  ASSERT_TRUE(start(spec));
  EXPECT_THAT(talk({}, lines(1)).out, ElementsAre("still here"));
}

TEST_F(RunnerTest, ToldToEndItEndsItsAgentToo) {
  const auto pid = start(agent("echo $$; exec sleep 1000"));
  ASSERT_TRUE(pid);
  const Heard started = talk({}, lines(1));
  kill(*pid, SIGTERM);
  EXPECT_TRUE(ends(*pid));
  EXPECT_FALSE(process::process_state(std::atoi(started.out.at(0).c_str())));
  EXPECT_TRUE(hear_all().exit());
}

TEST_F(RunnerTest, TheSpoolOfAKilledRunnerIsReadToItsLastWholeRecord) {
  const auto pid = start(agent("echo one; echo two; exec sleep 1000"));
  ASSERT_TRUE(pid);
  talk({}, lines(2));
  kill(*pid, SIGKILL);
  EXPECT_TRUE(ends(*pid));
  std::ofstream(folder_ + "/spool", std::ios::app) << "out 100 17\ntorn";
  const Heard heard = hear_all();
  EXPECT_THAT(heard.out, ElementsAre("one", "two"));
  EXPECT_TRUE(heard.link_ended);
  EXPECT_FALSE(heard.exit());
}

TEST_F(RunnerTest, RefusesAnOffsetThatItDoesNotHave) {
  ASSERT_TRUE(start(agent("sleep 1000")));
  Loop loop;
  run_task(loop, [](std::string folder) -> Task<> {
    const auto link = co_await RunnerLink::connect(folder, 1'000'000);
    EXPECT_FALSE(link);
    EXPECT_EQ(link.error().code, "bad_hello");
    const auto nobody = co_await RunnerLink::connect(folder + "-missing", 0);
    EXPECT_EQ(nobody.error().code, "no_runner");
  }(folder_));
}

class SandboxedRunnerTest : public RunnerTest {
 protected:
  void SetUp() override {
    Loop loop;
    const auto available = run_task(loop, process::sandbox_available({"PATH=/usr/bin:/bin"}));
    if (!available) GTEST_SKIP() << available.error().detail;
    std::filesystem::create_directory(root_ + "/work");
  }
  RunnerSpec sandboxed_agent(std::string script) {
    RunnerSpec spec = agent(std::move(script));
    spec.sandbox = process::SandboxSpec{.read_only = {}, .read_write = {root_ + "/work"}, .folder = root_ + "/work"};
    return spec;
  }
  // Everything below the runner, the sandbox included.
  static std::vector<pid_t> below(pid_t runner) { return process::descendants(runner); }
};

TEST_F(SandboxedRunnerTest, TheAgentTalksFromInsideAndDoesNotSeeItsRunner) {
  ASSERT_TRUE(start(sandboxed_agent("pwd; ls " + root_ + "; read line; echo $line; exit 3"), {"KEY=canary-7"}));
  const Heard heard = talk({message::Input{"a", "hello"}}, exited);
  EXPECT_THAT(heard.out, ElementsAre(root_ + "/work", "work", "hello"));
  EXPECT_EQ(heard.exit()->status.code, 3);
}

TEST_F(SandboxedRunnerTest, StopGivesTheAgentTheChanceToEndByItself) {
  RunnerSpec spec = sandboxed_agent("trap 'echo bye; exit 143' TERM; echo ready; while :; do sleep 0.01; done");
  spec.stop = {.interrupt = 0ms, .close = 0ms, .term = 60'000ms};
  ASSERT_TRUE(start(spec));
  const Heard started = talk({}, lines(1));
  const Heard heard = talk({message::Stop{}}, exited, started.offset);
  EXPECT_THAT(heard.out, ElementsAre("bye"));
  EXPECT_EQ(heard.exit()->status.code, 143);
}

TEST_F(SandboxedRunnerTest, KillingTheRunnerLeavesNothingOfTheAgent) {
  const auto pid = start(sandboxed_agent("setsid sleep 1000 & echo ready; wait"));
  ASSERT_TRUE(pid);
  talk({}, lines(1));
  const auto tree = below(*pid);
  EXPECT_GE(tree.size(), 3u);
  kill(*pid, SIGKILL);
  EXPECT_TRUE(ends(*pid));
  for (const pid_t one : tree) EXPECT_TRUE(ends(one)) << one;
}

TEST_F(SandboxedRunnerTest, SaysThatTheAgentIsNotInstalled) {
  RunnerSpec spec = sandboxed_agent("");
  spec.argv = {"no-such-agent"};
  EXPECT_EQ(start(spec).error().code, "program_missing");
}

}  // namespace
}  // namespace omakase::runner

// The test program is also the runner that it starts.
int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 2), argv + argc);
  if (argc > 1 && std::string_view(argv[1]) == "agent-run") return omakase::runner::run_agent_run(arguments);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
