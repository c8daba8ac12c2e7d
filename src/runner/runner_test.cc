#include "runner/agent_run.h"
#include "runner/runner_fixture.h"

namespace omakase::runner {
namespace {

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
  std::vector<ServerMessage> messages(18);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    messages[i] = message::Input{"m" + std::to_string(i), std::string(1 << 20, 'x')};
  }
  const Heard heard = talk(messages, [](const Heard& so_far) { return !so_far.all<note::InputRefused>().empty(); });
  EXPECT_EQ(heard.all<note::InputRefused>()[0].id, "m17") << "one is on its way, sixteen wait";
  EXPECT_TRUE(heard.all<note::InputWritten>().empty());
  EXPECT_EQ(talk({message::Stop{}}, exited).exit()->status.signal, SIGTERM);
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
