#include "agents/claude/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace omakase::agents::claude {
namespace {

std::string as_json(std::string_view text) { return json::serialize(json::value(text)); }

struct Describe {
  std::string operator()(const Init& init) const {
    return "init session=" + init.session_id + " model=" + init.model + " mode=" + init.permission_mode;
  }
  std::string operator()(const ControlResponse& answer) const {
    return "answer to " + answer.request_id + (answer.error.empty() ? "" : " error=" + as_json(answer.error)) +
           (answer.response.empty() ? "" : " " + json::serialize(answer.response));
  }
  std::string operator()(const ControlRequest& asked) const {
    return "asks " + asked.subtype + " id=" + asked.request_id + " " + json::serialize(asked.request);
  }
  std::string operator()(const ControlCancel& cancel) const { return "no longer asks id=" + cancel.request_id; }
  std::string operator()(const PermissionModeChanged& changed) const { return "mode is " + changed.mode; }
  std::string operator()(const Compaction& compaction) const { return compaction.running ? "compacts" : "has compacted"; }
  std::string operator()(const StepUsage& usage) const {
    std::string text = "usage";
    for (const auto& part : {usage.input, usage.cache_read, usage.cache_write, usage.output}) {
      text += part ? " " + std::to_string(*part) : " -";
    }
    return text;
  }
  std::string operator()(const TaskStarted& task) const {
    return "task " + task.task_id + " begins " + as_json(task.description);
  }
  std::string operator()(const TaskEnded& task) const { return "task " + task.task_id + " ends"; }
  std::string operator()(const MessageStart& start) const { return "step begins " + start.message_id; }
  std::string operator()(const TextDelta& delta) const { return "delta " + as_json(delta.text); }
  std::string operator()(const StepEnd&) const { return "step ends"; }
  std::string operator()(const Block& block) const {
    std::string text = "block of " + block.message_id + (block.synthetic ? " synthetic" : "");
    if (block.kind == Block::Kind::kText) return text + " text " + as_json(block.text);
    if (block.kind == Block::Kind::kOther) return text + " other";
    return text + " uses " + block.tool + " id=" + block.tool_use_id + " " + json::serialize(block.input);
  }
  std::string operator()(const ToolResult& result) const {
    std::string text = "tool " + result.tool_use_id + (result.is_error ? " failed " : " gave ") + as_json(result.content);
    if (result.lines_added) text += " +" + std::to_string(*result.lines_added) + " -" + std::to_string(*result.lines_removed);
    return text;
  }
  std::string operator()(const UserEcho& echo) const { return "received " + echo.uuid; }
  std::string operator()(const Result& result) const {
    std::string text = "turn ends " + result.subtype + (result.is_error ? " error" : "") + " text=" + as_json(result.text);
    if (!result.terminal_reason.empty()) text += " reason=" + result.terminal_reason;
    if (result.api_error_status) text += " status=" + std::to_string(*result.api_error_status);
    if (result.no_conversation) text += " no conversation";
    for (const auto& [model, tokens] : result.context_windows) text += " " + model + " holds " + std::to_string(tokens);
    return text + (result.total_cost_usd > 0 ? " with a cost" : "");
  }
  std::string operator()(const ApiRetry& retry) const {
    return "retry " + std::to_string(retry.attempt) + "/" + std::to_string(retry.max_retries) + " " + retry.error +
           " status=" + (retry.error_status ? std::to_string(*retry.error_status) : "none") +
           (retry.delay_ms > 0 ? " after a delay" : "");
  }
  std::string operator()(const SessionState& state) const { return "session is " + state.state; }
  std::string operator()(const Other& other) const { return "other " + other.type; }
  std::string operator()(const Malformed& malformed) const { return "malformed " + malformed.reason; }
};

std::string describe(const Event& event) { return std::visit(Describe{}, event); }

std::vector<std::string> describe_line(std::string_view line) {
  std::vector<std::string> texts;
  for (const Event& event : parse_line(line)) texts.push_back(describe(event));
  return texts;
}

using testing::ElementsAre;

class Transcripts : public testing::TestWithParam<std::string> {};

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(OMAKASE_SOURCE_FOLDER "/tests/golden/claude")) {
    if (entry.path().extension() == ".jsonl") found.push_back(entry.path().stem());
  }
  std::ranges::sort(found);
  return found;
}

TEST_P(Transcripts, MeanWhatTheyMeantWhenTheyWereRecorded) {
  const std::string path = OMAKASE_SOURCE_FOLDER "/tests/golden/claude/" + GetParam();
  std::ifstream transcript(path + ".jsonl");
  std::string found;
  for (std::string line; std::getline(transcript, line);) {
    for (const std::string& event : describe_line(line)) found += event + "\n";
  }
  if (std::getenv("OMAKASE_WRITE_GOLDEN")) std::ofstream(path + ".events") << found;
  std::ifstream expected(path + ".events");
  EXPECT_EQ(found, std::string(std::istreambuf_iterator<char>(expected), {}));
}

INSTANTIATE_TEST_SUITE_P(OfClaudeCode, Transcripts, testing::ValuesIn(names()), [](const auto& info) { return info.param; });

TEST(ParseLine, LinesThatSayNothingGiveNothing) {
  EXPECT_TRUE(parse_line("").empty());
  EXPECT_TRUE(parse_line(" \r").empty());
}

TEST(ParseLine, WhatIsNotJsonIsMalformed) {
  for (const char* bad : {"hello", "[1,2]", "{\"type\":", "null", "\"text\"", "{\"type\":\"user\"} trailing"}) {
    const auto events = parse_line(bad);
    ASSERT_EQ(events.size(), 1u) << bad;
    EXPECT_TRUE(std::holds_alternative<Malformed>(events[0])) << bad;
  }
}

TEST(ParseLine, NestingWithoutEndIsMalformed) {
  const auto events = parse_line("{\"type\":\"user\",\"message\":" + std::string(100'000, '['));
  EXPECT_TRUE(std::holds_alternative<Malformed>(events.at(0)));
}

TEST(ParseLine, UnknownAndIncompleteLinesAreOther) {
  for (const char* odd : {"{}", R"({"type":5})", R"({"type":"of a later version","x":{}})", R"({"type":"system"})",
                          R"({"type":"stream_event"})", R"({"type":"stream_event","event":[]})",
                          R"({"type":"assistant","message":"text"})", R"({"type":"user","message":{"content":7}})",
                          R"({"type":"control_request","request":null})", R"({"type":"control_response"})"}) {
    const auto events = parse_line(odd);
    ASSERT_EQ(events.size(), 1u) << odd;
    EXPECT_TRUE(std::holds_alternative<Other>(events[0])) << odd;
  }
}

TEST(ParseLine, FieldsOfTheWrongTypeCountAsAbsent) {
  EXPECT_THAT(describe_line(R"({"type":"result","is_error":"yes","result":{},"total_cost_usd":"1","api_error_status":1.5})"),
              ElementsAre("turn ends  text=\"\""));
  EXPECT_THAT(describe_line(R"({"type":"user","message":{"content":[7,{"type":"tool_result","tool_use_id":3,"content":5}]}})"),
              ElementsAre("tool  gave \"\""));
  EXPECT_THAT(describe_line(R"({"type":"assistant","message":{"id":null,"content":[null,{"type":"tool_use","input":[]}]}})"),
              ElementsAre("block of  uses  id= {}"));
}

// A program in JavaScript that cuts a text between the halves of a character writes half of it.
TEST(ParseLine, HalfACharacterDoesNotLoseTheLine) {
  const auto broken =
      R"({"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"cut \ud83d"}]}})";
  EXPECT_THAT(describe_line(broken), ElementsAre("tool t gave \"cut \xef\xbf\xbd\""));
  const auto other_half = R"({"type":"result","result":"\ude42 and \\ud83d and \ud83d\ude42 and \ud83d\u0041"})";
  EXPECT_THAT(describe_line(other_half),
              ElementsAre("turn ends  text=\"\xef\xbf\xbd and \\\\ud83d and \xf0\x9f\x99\x82 and \xef\xbf\xbd"
                          "A\""));
}

TEST(ParseLine, EveryTextIsValidUtf8) {
  const std::string line =
      "{\"type\":\"assistant\",\"message\":{\"id\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"a\xff\xfe b\"}]}}";
  const auto events = parse_line(line);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_TRUE(base::valid_utf8(std::get<Block>(events[0]).text));
}

TEST(ParseLine, AResultOfManyKindsOfContentIsText) {
  EXPECT_THAT(describe_line(R"({"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":)"
                            R"([{"type":"text","text":"one"},{"type":"image","source":{}},{"type":"text","text":"two"}]}]}})"),
              ElementsAre("tool t gave \"one\\n[image]\\ntwo\""));
}

TEST(ParseLine, AMessageOfTheModelIsTakenApart) {
  EXPECT_THAT(
      describe_line(R"({"type":"assistant","message":{"id":"m","content":[{"type":"thinking","thinking":"hm"},)"
                    R"({"type":"text","text":"hi"},{"type":"tool_use","id":"t","name":"Bash","input":{"command":"ls"}}]}})"),
      ElementsAre("block of m other", "block of m text \"hi\"", "block of m uses Bash id=t {\"command\":\"ls\"}"));
}

TEST(ParseLine, AnAnswerToUsKeepsWhatItSays) {
  const auto events = parse_line(
      R"({"type":"control_response","response":{"subtype":"success","request_id":"r","response":{"cancelled":true}}})");
  const auto& answer = std::get<ControlResponse>(events.at(0));
  EXPECT_EQ(answer.request_id, "r");
  EXPECT_TRUE(answer.error.empty());
  EXPECT_TRUE(base::bool_or_false(answer.response, "cancelled"));
}

TEST(ParseLine, TokensThatNoModelHasAreNotCounted) {
  EXPECT_THAT(describe_line(R"({"type":"stream_event","event":{"type":"message_delta","usage":)"
                            R"({"input_tokens":-1,"output_tokens":1e300,"cache_read_input_tokens":9000000000000000000}}})"),
              ElementsAre("usage - - - -"));
}

TEST(ParsePermissionRequest, SaysWhatIsAskedAndWhy) {
  const auto events = parse_line(
      R"({"type":"control_request","request_id":"q","request":{"subtype":"can_use_tool","tool_name":"Bash",)"
      R"("input":{"command":"rm x"},"description":"rm x","decision_reason":"Contains \u001b[31mred","blocked_path":"/x",)"
      R"("tool_use_id":"toolu_1"}})");
  const auto request = parse_permission_request(std::get<ControlRequest>(events.at(0)));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->request_id, "q");
  EXPECT_EQ(request->tool, "Bash");
  EXPECT_EQ(request->tool_use_id, "toolu_1");
  EXPECT_EQ(base::string_or_empty(request->input, "command"), "rm x");
  EXPECT_EQ(request->description, "rm x");
  EXPECT_EQ(request->reason, "Contains red");
  EXPECT_EQ(request->blocked_path, "/x");
}

TEST(ParsePermissionRequest, IsNothingForWhatElseTheAgentAsks) {
  EXPECT_FALSE(parse_permission_request({"q", "hook_callback", {}}));
  EXPECT_EQ(parse_permission_request({"q", "can_use_tool", {{"input", 5}}})->tool, "");
}

}  // namespace
}  // namespace omakase::agents::claude
