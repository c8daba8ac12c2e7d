// Agents in their sandboxes, each with the network and the limits that it has.
#include "runner/runner_fixture.h"

namespace omakase::runner {
namespace {

TEST_F(SandboxedRunnerTest, TheAgentTalksFromInsideAndDoesNotSeeItsRunner) {
  ASSERT_TRUE(start(sandboxed_agent("pwd; ls " + root_ + "; read line; echo $line; exit 3"), {.environment = {"KEY=canary-7"}}));
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
  const auto tree = process::descendants(*pid);
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

TEST_F(SandboxedRunnerTest, InEachNetworkTheAgentReachesItsModelThroughTheRelayAndHasNoKey) {
  constexpr const char* kKey = "sk-real-key-0123456789";
  for (const auto network : {process::Network::kOpen, process::Network::kModel, process::Network::kInternet}) {
    if (!available(network)) continue;
    folder_ = root_ + "/" + std::string(process::word(network));
    RunnerSpec spec = sandboxed_agent(
        "env; exec 3<>/dev/tcp/127.0.0.1/${URL##*:}; printf 'POST /v1/messages HTTP/1.1\\r\\nHost: x\\r\\nx-api-key: %s\\r\\n"
        "Content-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}' $TOKEN >&3; cat <&3; echo");
    spec.sandbox->network = network;
    spec.relay = RelaySpec{.url_variable = "URL", .token_variable = "TOKEN"};
    // Nothing listens there.
    const auto started = start(spec, {.relay = ModelUpstream{.url = "http://127.0.0.1:1", .credentials = {{"x-api-key", kKey}}}});
    ASSERT_TRUE(started) << started.error().detail;
    const Heard heard = hear_all();
    EXPECT_THAT(heard.out, testing::Contains(HasSubstr("HTTP/1.1 502 "))) << heard.err;
    EXPECT_THAT(heard.out, testing::Contains(HasSubstr("The model cannot be reached")));
    EXPECT_THAT(heard.out, testing::Not(testing::Contains(HasSubstr(kKey))));
    EXPECT_EQ(heard.all<note::ModelCallStarted>().size(), 1u);
    ASSERT_EQ(heard.all<note::ModelCall>().size(), 1u);
    EXPECT_THAT(heard.all<note::ModelCall>()[0].error, HasSubstr("cannot be reached"));
    for (const char* file : {"/spool", "/spec.json", "/runner.log", "/pid.json"}) {
      EXPECT_THAT(read_file(folder_ + file), testing::Not(HasSubstr(kKey))) << file;
    }
  }
}

TEST_F(SandboxedRunnerTest, TheEndOfTheAgentEndsItsWayOutToo) {
  if (!available(process::Network::kInternet)) GTEST_SKIP() << "a network of its own cannot be connected here";
  RunnerSpec spec = sandboxed_agent("echo ready; sleep 1000");
  spec.sandbox->network = process::Network::kInternet;
  const auto pid = start(spec);
  ASSERT_TRUE(pid);
  talk({}, lines(1));
  const auto tree = process::descendants(*pid);
  EXPECT_TRUE(std::ranges::any_of(
      tree, [](pid_t one) { return read_file("/proc/" + std::to_string(one) + "/comm") == "slirp4netns\n"; }));
  ASSERT_TRUE(exited(talk({message::Kill{}}, exited)));
  for (const pid_t one : tree) EXPECT_TRUE(ends(one)) << one;
}

TEST_F(SandboxedRunnerTest, TooManyProcessesEndTheSandboxAndAreSaid) {
  RunnerSpec spec = sandboxed_agent("for i in $(seq 60); do sleep 1000 & done; wait");
  spec.limits.processes = 30;
  ASSERT_TRUE(start(spec));
  const Heard heard = hear_all();
  ASSERT_EQ(heard.all<note::LimitReached>().size(), 1u);
  EXPECT_EQ(heard.all<note::LimitReached>()[0].limit, "processes");
  EXPECT_EQ(heard.all<note::LimitReached>()[0].allowed, 30);
  ASSERT_TRUE(heard.exit());
}

TEST_F(SandboxedRunnerTest, WhatElseRunsOnThisMachineIsNotItsLoad) {
  RunnerSpec spec = sandboxed_agent("sleep 1.5; echo fine");
  spec.limits.processes = 4;  // bubblewrap, the shell, and what it runs
  ASSERT_TRUE(start(spec));
  EXPECT_THAT(hear_all().out, ElementsAre("fine"));
}

TEST_F(SandboxedRunnerTest, TooMuchMemoryEndsTheSandboxAndIsSaid) {
  RunnerSpec spec = sandboxed_agent("held=$(head -c 100000000 /dev/zero | tr '\\0' x); sleep 1000");
  spec.limits.memory_bytes = 50'000'000;
  ASSERT_TRUE(start(spec));
  const Heard heard = hear_all();
  ASSERT_EQ(heard.all<note::LimitReached>().size(), 1u);
  EXPECT_EQ(heard.all<note::LimitReached>()[0].limit, "memory");
}

TEST_F(SandboxedRunnerTest, LeavesNoCoreFile) {
  ASSERT_TRUE(start(sandboxed_agent("ulimit -c unlimited; ulimit -c; bash -c 'kill -SEGV $$'; ls")));
  EXPECT_THAT(hear_all().out, ElementsAre("0"));
}

TEST_F(RunnerTest, KnownSecretsAreHiddenBeforeAnythingIsKept) {
  ASSERT_TRUE(
      start(agent("echo out $TOKEN and '{\"text\":\"a\\\"'$TOKEN'\"}'; printf 'err %s' $TOKEN >&2; printf 'half %s' $TOKEN"),
            {.environment = {"TOKEN=hunter2-hunter2"}, .scrub = {{"TOKEN", "hunter2-hunter2"}}}));
  const Heard heard = hear_all();
  EXPECT_THAT(heard.out, ElementsAre("out [hidden: TOKEN] and {\"text\":\"a\\\"[hidden: TOKEN]\"}"));
  EXPECT_EQ(heard.err, "err [hidden: TOKEN]");
  EXPECT_EQ(heard.exit()->stderr_tail, "err [hidden: TOKEN]");
  EXPECT_EQ(heard.all<note::HalfLine>()[0].text, "half [hidden: TOKEN]");
  EXPECT_THAT(read_file(folder_ + "/spool"), testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace omakase::runner
