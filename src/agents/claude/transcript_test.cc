#include "agents/claude/transcript.h"

#include <gtest/gtest.h>

namespace omakase::agents::claude {
namespace {

// Feeds lines as the runner would and keeps what they gave.
class TranscriptTest : public testing::Test {
 protected:
  Outcome on(std::string_view line) {
    Outcome all;
    for (const Event& event : parse_line(line)) all.merge(transcript_.on(event, {++now_}));
    for (store::Change& change : all.changes) {
      if (auto* append = std::get_if<store::AppendMessage>(&change)) {
        append->message.timestamp = {++now_};
        stored_.push_back(append->message);
        transcript_.stored(append->message);
      }
    }
    return all;
  }
  Outcome start(std::string_view id) {
    return on(R"({"type":"stream_event","event":{"type":"message_start","message":{"id":")" + std::string(id) +
              R"("}},"parent_tool_use_id":null})");
  }
  Outcome delta(std::string_view text) {
    return on(R"({"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" +
              std::string(text) + R"("}},"parent_tool_use_id":null})");
  }
  Outcome text(std::string_view id, std::string_view content) {
    return on(R"({"type":"assistant","message":{"id":")" + std::string(id) +
              R"(","model":"m","content":[{"type":"text","text":")" + std::string(content) +
              R"("}]},"parent_tool_use_id":null})");
  }
  Outcome tool(std::string_view id, std::string_view use) {
    return on(R"({"type":"assistant","message":{"id":")" + std::string(id) +
              R"(","model":"m","content":[{"type":"tool_use","id":")" + std::string(use) +
              R"(","name":"Bash","input":{"command":"ls"}}]},"parent_tool_use_id":null})");
  }
  Outcome stop() { return on(R"({"type":"stream_event","event":{"type":"message_stop"},"parent_tool_use_id":null})"); }
  Outcome result_of(std::string_view use, std::string_view content, bool error = false) {
    return on(R"({"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":")" + std::string(use) +
              R"(","content":")" + std::string(content) + R"(","is_error":)" + (error ? "true" : "false") + "}]}}");
  }

  Transcript transcript_{"run", model::Role::kCoder};
  std::vector<model::Message> stored_;
  std::int64_t now_ = 1'000'000;
};

TEST_F(TranscriptTest, AStepIsShownWhileItIsWrittenAndStoredOnce) {
  const Outcome begun = start("msg_1");
  ASSERT_EQ(begun.live.size(), 1u);
  const std::string id = std::get<live::Start>(begun.live[0]).message_id;
  EXPECT_EQ(std::get<live::Delta>(delta("Hel").live[0]).text, "Hel");
  delta("lo");
  EXPECT_TRUE(text("msg_1", "Hello").live.empty()) << "what was streamed is not shown again";
  tool("msg_1", "toolu_1");
  EXPECT_TRUE(stored_.empty());
  stop();
  ASSERT_EQ(stored_.size(), 1u);
  EXPECT_EQ(stored_[0].id, id);
  EXPECT_EQ(stored_[0].content, "Hello");
  ASSERT_EQ(stored_[0].tool_uses.size(), 1u);
  EXPECT_EQ(stored_[0].tool_uses[0].status, model::ToolStatus::kRunning);
}

TEST_F(TranscriptTest, AToolsResultChangesTheMessageThatAskedForIt) {
  start("msg_1");
  tool("msg_1", "toolu_1");
  tool("msg_1", "toolu_2");
  stop();
  const Outcome first = result_of("toolu_1", "Exit code 3\\nboom", true);
  const auto& update = std::get<store::UpdateMessage>(first.changes.at(0));
  EXPECT_EQ(update.timestamp, stored_[0].timestamp);
  EXPECT_EQ(update.tool_uses->at(0).status, model::ToolStatus::kError);
  EXPECT_EQ(update.tool_uses->at(0).summary, "exit 3");
  EXPECT_EQ(update.tool_uses->at(1).status, model::ToolStatus::kRunning);
  const Outcome second = result_of("toolu_2", "fine");
  EXPECT_EQ(std::get<store::UpdateMessage>(second.changes.at(0)).tool_uses->at(1).result, "fine");
  EXPECT_TRUE(result_of("toolu_2", "again").changes.empty()) << "a result counts once";
}

TEST_F(TranscriptTest, TextOfAnAnswerThatBrokeOffIsDropped) {
  const std::string first = std::get<live::Start>(start("msg_1").live[0]).message_id;
  delta("half an ans");
  const Outcome next = start("msg_2");
  ASSERT_EQ(next.live.size(), 2u);
  EXPECT_EQ(std::get<live::Dropped>(next.live[0]).message_id, first);
  text("msg_2", "whole");
  stop();
  ASSERT_EQ(stored_.size(), 1u);
  EXPECT_EQ(stored_[0].content, "whole");
}

TEST_F(TranscriptTest, AnAnswerWithoutAStreamIsStoredAllTheSame) {
  EXPECT_EQ(std::get<live::Delta>(text("msg_1", "at once").live.at(1)).text, "at once");
  on(R"({"type":"result","subtype":"success","is_error":false,"terminal_reason":"completed","total_cost_usd":0.5})");
  ASSERT_EQ(stored_.size(), 1u);
  EXPECT_EQ(stored_[0].content, "at once");
}

TEST_F(TranscriptTest, TheEndOfATurnEndsWhatStillRuns) {
  start("msg_1");
  tool("msg_1", "toolu_1");
  stop();
  const Outcome end =
      on(R"({"type":"result","subtype":"error_during_execution","is_error":true,"terminal_reason":"aborted_tools"})");
  ASSERT_TRUE(end.turn_end);
  EXPECT_TRUE(end.turn_end->interrupted);
  EXPECT_FALSE(end.turn_end->failed);
  EXPECT_EQ(end.busy, false);
  EXPECT_EQ(std::get<store::UpdateMessage>(end.changes.at(0)).tool_uses->at(0).status, model::ToolStatus::kError);
}

TEST_F(TranscriptTest, AFailedTurnSaysWhyAndTheProgramsOwnWordsAreNoMessage) {
  on(R"({"type":"assistant","message":{"id":"x","model":"<synthetic>","content":[{"type":"text","text":"API Error: 400"}]},"error":"invalid_request"})");
  const Outcome end =
      on(R"({"type":"result","subtype":"success","is_error":true,"api_error_status":400,"result":"API Error: 400 too long"})");
  EXPECT_TRUE(stored_.empty());
  EXPECT_TRUE(end.turn_end->failed);
  EXPECT_EQ(end.turn_end->model_status, 400);
  EXPECT_EQ(end.turn_end->text, "API Error: 400 too long");
}

TEST_F(TranscriptTest, WhatASubAgentSaysIsNotTheAgentsMessage) {
  on(R"({"type":"assistant","message":{"id":"s","model":"m","content":[{"type":"text","text":"inner"}]},"parent_tool_use_id":"toolu_9"})");
  on(R"({"type":"stream_event","event":{"type":"message_start","message":{"id":"s"}},"parent_tool_use_id":"toolu_9"})");
  stop();
  EXPECT_TRUE(stored_.empty());
}

TEST_F(TranscriptTest, TheSameLinesGiveTheSameIds) {
  start("msg_1");
  text("msg_1", "a");
  stop();
  const std::string id = stored_.at(0).id;
  transcript_ = Transcript("run", model::Role::kCoder);
  now_ = 1'000'000;
  start("msg_1");
  text("msg_1", "a");
  stop();
  EXPECT_EQ(stored_.at(1).id, id);
}

TEST_F(TranscriptTest, LongTextIsSplitAndNothingOfItIsLost) {
  std::string line(1000, 'a');
  std::string long_text;
  for (int i = 0; i < 700; ++i) long_text += line + "\\n";
  start("msg_1");
  text("msg_1", long_text);
  stop();
  ASSERT_EQ(stored_.size(), 3u);
  std::size_t total = 0;
  for (const auto& message : stored_) {
    EXPECT_LE(message.content.size(), model::kMaxContentBytes);
    total += message.content.size();
  }
  EXPECT_EQ(total, 700u * 1001u);
}

TEST_F(TranscriptTest, TheContextIsWhatTheAgentsLastStepWasToldAndSaid) {
  const Outcome begun =
      on(R"({"type":"stream_event","event":{"type":"message_start","message":{"id":"m","usage":)"
         R"({"input_tokens":10,"cache_read_input_tokens":200,"cache_creation_input_tokens":3000,"output_tokens":1}}}})");
  EXPECT_FALSE(begun.context_tokens) << "nothing is to be stored before the first word";
  on(R"({"type":"stream_event","event":{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":50}}})");
  on(R"({"type":"stream_event","event":{"type":"message_delta","usage":{"output_tokens":9}},"parent_tool_use_id":"toolu_1"})");
  EXPECT_EQ(stop().context_tokens, 3260) << "the end of a step tells only what is new, and a sub-agent's context is its own";
}

TEST_F(TranscriptTest, AStepThatBreaksOffFillsTheContextToo) {
  on(R"({"type":"stream_event","event":{"type":"message_start","message":{"id":"m","usage":{"input_tokens":10,"output_tokens":1}}}})");
  EXPECT_EQ(on(R"({"type":"result","subtype":"success","terminal_reason":"aborted_streaming"})").context_tokens, 11);
}

TEST_F(TranscriptTest, TheWindowIsThatOfTheModelInUse) {
  const std::string result = R"({"type":"result","subtype":"success","modelUsage":{"big":{"contextWindow":1000000},)"
                             R"("small":{"contextWindow":200000}}})";
  EXPECT_FALSE(on(result).context_window) << "which model it is was not said yet";
  on(R"({"type":"system","subtype":"init","session_id":"s","model":"small"})");
  EXPECT_EQ(on(result).context_window, 200000);
}

TEST_F(TranscriptTest, TheModeIsToldAtEachTurnAndWhenItChanges) {
  EXPECT_EQ(on(R"({"type":"system","subtype":"init","permissionMode":"plan"})").permission_mode, "plan");
  EXPECT_EQ(on(R"({"type":"system","subtype":"status","status":null,"permissionMode":"default"})").permission_mode, "default");
  EXPECT_FALSE(on(R"({"type":"system","subtype":"status","status":"requesting"})").permission_mode);
}

TEST_F(TranscriptTest, AToolRunsFromItsRequestToItsResult) {
  start("msg_1");
  EXPECT_FALSE(transcript_.tool_running());
  tool("msg_1", "toolu_1");
  tool("msg_1", "toolu_2");
  EXPECT_TRUE(transcript_.tool_running());
  result_of("toolu_1", "before the step was complete");
  stop();
  EXPECT_TRUE(transcript_.tool_running()) << "the other one";
  result_of("toolu_2", "fine");
  EXPECT_FALSE(transcript_.tool_running());
  start("msg_2");
  tool("msg_2", "toolu_3");
  stop();
  on(R"({"type":"result","subtype":"error_during_execution","is_error":true,"terminal_reason":"aborted_tools"})");
  EXPECT_FALSE(transcript_.tool_running()) << "a turn that ended runs nothing";
}

TEST_F(TranscriptTest, BackgroundTasksAreKnownUntilTheyEnd) {
  on(R"({"type":"system","subtype":"task_started","task_id":"b1","description":"npm start","task_type":"local_bash"})");
  on(R"({"type":"result","subtype":"success"})");
  EXPECT_EQ(transcript_.tasks().at("b1"), "npm start") << "they outlive the turn";
  on(R"({"type":"system","subtype":"task_updated","task_id":"b1","patch":{"status":"running"}})");
  EXPECT_EQ(transcript_.tasks().size(), 1u);
  on(R"({"type":"system","subtype":"task_updated","task_id":"b1","patch":{"status":"completed"}})");
  EXPECT_TRUE(transcript_.tasks().empty());
}

TEST_F(TranscriptTest, CompactionIsShownWhileItLasts) {
  EXPECT_EQ(on(R"({"type":"system","subtype":"status","status":"compacting"})").compacting, true);
  EXPECT_EQ(on(R"({"type":"system","subtype":"status","status":null,"compact_result":"success"})").compacting, false);
}

TEST_F(TranscriptTest, AnExitDropsWhatWasBeingWritten) {
  start("msg_1");
  delta("unfinished");
  const Outcome exit = transcript_.on_exit({now_});
  EXPECT_TRUE(std::holds_alternative<live::Dropped>(exit.live.at(0)));
  EXPECT_TRUE(exit.changes.empty());
}

}  // namespace
}  // namespace omakase::agents::claude
