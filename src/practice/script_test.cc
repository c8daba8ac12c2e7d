#include "practice/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"

namespace omakase::practice {
namespace {

using testing::HasSubstr;

std::vector<Step> steps_of(const std::string& text) {
  const auto script = parse_script(text);
  EXPECT_TRUE(script) << script.error().detail;
  return script ? script->steps : std::vector<Step>();
}

template <typename T>
const T& action(const Step& step, std::size_t index) {
  EXPECT_LT(index, step.actions.size());
  EXPECT_TRUE(std::holds_alternative<T>(step.actions.at(index)));
  return std::get<T>(step.actions.at(index));
}

TEST(Script, WordsWithoutDirectivesAreNoScript) {
  for (const std::string text : {"", "fix the failing test", "!", "! reply x", "wow!\n!!!", "say !reply x"}) {
    EXPECT_TRUE(steps_of(text).empty()) << text;
  }
}

TEST(Script, AToolEndsItsStepAndTheRestIsTheLastOne) {
  const auto steps = steps_of("please:\n!text I look.\n!tool Bash {\"command\":\"ls\"}\n  !tool Read {}\n!reply a\\nb \\\\ c");
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(action<Text>(steps[0], 0).text, "I look.");
  EXPECT_EQ(action<ToolUse>(steps[0], 1).name, "Bash");
  EXPECT_EQ(action<ToolUse>(steps[0], 1).input.at("command"), "ls");
  EXPECT_EQ(action<ToolUse>(steps[1], 0).name, "Read");
  EXPECT_EQ(action<Text>(steps[2], 0).text, "a\nb \\ c");
}

TEST(Script, ParallelToolsShareAStepUntilSomethingElseComes) {
  const auto steps = steps_of("!parallel\n!tool A\n!tool B\n!reply x\n!tool C\n!tool D");
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(action<ToolUse>(steps[0], 1).name, "B");
  EXPECT_EQ(action<ToolUse>(steps[1], 1).name, "C");
  EXPECT_EQ(action<ToolUse>(steps[2], 0).name, "D");
}

TEST(Script, FailuresBelongToTheStepTheyStandIn) {
  const auto steps =
      steps_of("!tool A\n!status 429 x3\n!retry-after 7\n!cut 5 x2\n!hold-start gate\n!error overloaded_error x4\n!hang");
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_FALSE(steps[0].refusal);
  const Step& last = steps[1];
  EXPECT_EQ(last.refusal->status, 429);
  EXPECT_EQ(last.refusal->times, 3);
  EXPECT_EQ(last.refusal->retry_after_seconds, 7);
  EXPECT_EQ(last.cut->after_deltas, 5);
  EXPECT_EQ(last.cut->times, 2);
  EXPECT_EQ(last.hold_start, "gate");
  EXPECT_EQ(action<ErrorEvent>(last, 0).type, "overloaded_error");
  EXPECT_EQ(action<ErrorEvent>(last, 0).times, 4);
  action<Hang>(last, 1);
}

TEST(Script, ADelayHoldsForTheStepsThatFollowAndSlownessOnlyForItsWords) {
  const auto script = parse_script("!delay 0\n!slow 2 300\n!hold door\n!tool A\n!reply x");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->delay, milliseconds(0));
  const Step& first = script->steps.at(0);
  EXPECT_EQ(action<Pace>(first, 0).pause, milliseconds(0));
  EXPECT_EQ(action<Pace>(first, 1).pause, milliseconds(300));
  EXPECT_EQ(action<Text>(first, 2).text, "w1 w2");
  EXPECT_EQ(action<Pace>(first, 3).pause, milliseconds(0));
  EXPECT_EQ(action<Hold>(first, 4).name, "door");
  EXPECT_EQ(action<Pace>(script->steps.at(1), 0).pause, milliseconds(0));
  EXPECT_TRUE(steps_of("!delay 0\nhello").empty()) << "the demonstration without delays";
}

TEST(Script, MakesAsMuchTextAsIsAskedFor) {
  EXPECT_EQ(action<Text>(steps_of("!words 3")[0], 0).text, "w1 w2 w3");
  EXPECT_EQ(action<Text>(steps_of("!long 100000")[0], 0).text.size(), 100'000u);
}

TEST(Script, ABase64ScriptIsReadInPlaceInBothAlphabets) {
  const std::string inner = "!tool Agent {\"prompt\":\"!reply deep?>\"}\n!reply ~~~ü";
  const auto steps = steps_of("!text before\n!b64 " + base::base64url(inner));
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(action<Text>(steps[0], 0).text, "before");
  EXPECT_EQ(action<ToolUse>(steps[0], 1).input.at("prompt"), "!reply deep?>");
  EXPECT_EQ(action<Text>(steps[1], 0).text, "~~~ü");
  EXPECT_EQ(action<Text>(steps_of("!b64 IXJlcGx5IH5+fj8=")[0], 0).text, "~~~?");
}

TEST(Script, ADirectiveThatCannotBeReadIsNamed) {
  for (const std::string line : {"!nonsense", "!status", "!status 200", "!status 529 3", "!status 529 x", "!cut -1", "!cut ten",
                                 "!words 99999999999", "!tool", "!tool Bash {", "!tool Bash []", "!hold", "!hold a/b", "!error",
                                 "!slow 5", "!delay x", "!b64 *", "!long 16777217", "!b64 IW5vbnNlbnNl"}) {
    const auto script = parse_script("words\n" + line);
    ASSERT_FALSE(script) << line;
    const std::string named = line == "!b64 IW5vbnNlbnNl" ? "!nonsense" : line;
    EXPECT_THAT(script.error().detail, HasSubstr("`" + named + "`: "));
  }
  EXPECT_FALSE(parse_script("!long 16000000\n!long 16000000")) << "what a script makes is bounded";
}

}  // namespace
}  // namespace omakase::practice
