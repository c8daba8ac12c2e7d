#include "process/sandbox.h"
#include "runner/runner_fixture.h"

namespace omakase::runner {
namespace {

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
  ASSERT_TRUE(start(agent("env | sort; tr '\\0' ' ' </proc/$PPID/cmdline; tr '\\0' '\\n' </proc/$PPID/environ"),
                    {.environment = {"KEY=canary-5Q"}}));
  const Heard heard = hear_all();
  EXPECT_THAT(heard.out, testing::Contains("KEY=canary-5Q"));
  EXPECT_THAT(heard.out, testing::Contains("FOLLOWED=yes"));
  EXPECT_EQ(std::ranges::count(heard.out, "KEY=canary-5Q"), 1) << "it is in the runner's own environment or command line";
  for (const char* name : {"spec.json", "pid.json", "runner.log", "lock"}) {
    EXPECT_THAT(read_file(folder_ + "/" + name), testing::Not(HasSubstr("canary"))) << name;
  }
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms::owner_all);
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

TEST_F(RunnerTest, ALinkReadsOnFromTheSpoolWhenItsRunnerIsTaken) {
  const auto pid = start(agent("echo one; echo two; echo three; exec sleep 1000"));
  ASSERT_TRUE(pid);
  talk({}, lines(3));
  Loop loop;
  run_task(loop, [](std::string folder, pid_t runner) -> Task<> {
    const auto link = co_await RunnerLink::connect(folder, 0);
    Heard heard;
    co_await hear(**link, heard, lines(1));
    kill(runner, SIGKILL);
    EXPECT_TRUE(ends(runner));
    co_await hear(**link, heard, [](const Heard&) { return false; });
    EXPECT_THAT(heard.out, ElementsAre("one", "two", "three"));
    EXPECT_TRUE(heard.link_ended);
    EXPECT_FALSE((*link)->live());
    EXPECT_EQ((*link)->send(message::Kill{}).error().code, "runner_gone");
  }(folder_, *pid));
}

TEST_F(RunnerTest, AConnectedServerHearsTheEndOfARunnerThatIsToldToEnd) {
  RunnerSpec spec =
      agent("echo one; trap 'head -c 3000000 /dev/zero; echo; echo last; exit 9' TERM; while :; do sleep 0.01; done");
  spec.stop.term = 60'000ms;
  const auto pid = start(spec);
  ASSERT_TRUE(pid);
  Loop loop;
  run_task(loop, [](std::string folder, pid_t runner) -> Task<> {
    const auto link = co_await RunnerLink::connect(folder, 0);
    Heard heard;
    co_await hear(**link, heard, lines(1));
    kill(runner, SIGTERM);
    EXPECT_TRUE(ends(runner));
    co_await hear(**link, heard, exited);
    EXPECT_EQ(heard.out.back(), "last");
    EXPECT_EQ(heard.exit() ? heard.exit()->status.code : -1, 9);
  }(folder_, *pid));
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

}  // namespace
}  // namespace omakase::runner
