#include <gtest/gtest.h>

#include "model/message.h"
#include "model/run.h"

namespace omakase::model {
namespace {

Message example() {
  Message message;
  message.id = "01J";
  message.run_id = "run";
  message.project_id = "project";
  message.thread_id = "thread";
  message.sender = Sender::kAgent;
  message.role = Role::kCoder;
  message.content = std::string("line\r\n\"quoted\" \\ tab\t nul") + '\0' + "\x1b[31m \u2028 漢字 😀";
  message.timestamp = {1'769'850'307'000'123};
  message.delivered_at = Timestamp{1'769'850'308'000'000};
  ToolUse use;
  use.tool_use_id = "toolu_1";
  use.tool = "Bash";
  use.input = {{"command", "ls -la\n"}};
  use.status = ToolStatus::kDone;
  use.summary = "exit 0";
  use.result = "a\nb";
  use.started_at = {1'769'850'307'000'000};
  use.ended_at = Timestamp{1'769'850'307'500'000};
  message.tool_uses.push_back(use);
  message.setup = json::object{{"step", "clone"}};
  return message;
}

TEST(Message, TheFastWriterWritesTheSameJson) {
  for (bool full : {true, false}) {
    Message message = example();
    if (!full) message = Message{.id = "a", .run_id = "b", .project_id = "c", .content = "x"};
    std::string text;
    append_json(text, message);
    const auto parsed = base::parse_json(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, json::value(to_json(message)));
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(text.find('\r'), std::string::npos);
  }
}

TEST(Message, ToolUsesSurviveTheStore) {
  const Message message = example();
  const auto again = tool_uses_from_json(tool_uses_to_json(message.tool_uses));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(to_json(again[0]), to_json(message.tool_uses[0]));
  EXPECT_TRUE(tool_uses_from_json(base::parse_json(R"([1,{},{"status":"odd"}])")->as_array()).empty());
}

TEST(Words, EveryWordIsReadBack) {
  EXPECT_EQ(parse_run_status("coding"), RunStatus::kCoding);
  EXPECT_EQ(word(RunStatus::kFailed), "failed");
  EXPECT_FALSE(parse_sender("root"));
  EXPECT_TRUE(is_active(RunStatus::kTesting));
  EXPECT_FALSE(is_active(RunStatus::kCompleted));
  EXPECT_EQ(find_agent("nori")->role, Role::kCoder);
  EXPECT_EQ(find_agent("root"), nullptr);
}

TEST(RunJson, AnEndedRunIsNeverBusy) {
  model::Run run;
  run.status = RunStatus::kCompleted;
  EXPECT_FALSE(to_json(run, {.busy = true, .attention = {}}).at("busy").as_bool());
}

}  // namespace
}  // namespace omakase::model
