#include "practice/conversation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omakase::practice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The conversation of a request with these messages, in the forms that Claude Code 2.1.197 sends.
Conversation read(const std::string& messages) {
  const auto request = base::parse_json_object(R"({"model":"m","tools":[{"name":"Bash"}],"messages":)" + messages + "}");
  EXPECT_TRUE(request) << messages;
  auto conversation = read_conversation(*request);
  EXPECT_TRUE(conversation) << conversation.error().detail;
  return *std::move(conversation);
}

TEST(Conversation, APersonIsWhoSpeaksOutsideOfReminders) {
  const auto conversation = read(R"([
    {"role":"user","content":[
      {"type":"text","text":"<system-reminder>\nContents of CLAUDE.md: be kind\n</system-reminder>\n\n"},
      {"type":"text","text":"fix it <system-reminder>now</system-reminder>"}]},
    {"role":"system","content":"Available agent types for the Agent tool: some"}])");
  EXPECT_EQ(conversation.asked, "fix it");
  EXPECT_EQ(conversation.step, 0);
  EXPECT_TRUE(conversation.first);
  EXPECT_THAT(conversation.steered, IsEmpty());
  EXPECT_TRUE(conversation.offers("Bash"));
  EXPECT_FALSE(conversation.offers("Edit"));
}

TEST(Conversation, ToolResultsBelongToTheToolsThatWereUsedSinceThePersonAsked) {
  const auto conversation = read(R"([
    {"role":"user","content":"earlier"},
    {"role":"assistant","content":[{"type":"tool_use","id":"t0","name":"Read","input":{}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"t0","content":"old"}]},
    {"role":"assistant","content":[{"type":"text","text":"done"}]},
    {"role":"user","content":"run it"},
    {"role":"assistant","content":[{"type":"text","text":"I run it."}]},
    {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}},
                                   {"type":"tool_use","id":"t2","name":"Bash","input":{"command":"false"}}]},
    {"role":"user","content":[
      {"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"Exit code 1"}],"is_error":true},
      {"type":"tool_result","tool_use_id":"t1","content":"a.txt\n\n<system-reminder>mind this</system-reminder>","is_error":false}]}])");
  EXPECT_EQ(conversation.asked, "run it");
  EXPECT_FALSE(conversation.first);
  EXPECT_EQ(conversation.step, 1) << "two messages of the assistant in a row are one answer";
  ASSERT_EQ(conversation.outcomes.size(), 2u);
  EXPECT_EQ(conversation.outcomes[0].input.at("command"), "false");
  EXPECT_EQ(conversation.outcomes[0].text, "Exit code 1");
  EXPECT_TRUE(conversation.outcomes[0].is_error);
  EXPECT_EQ(conversation.outcomes[1].name, "Bash");
  EXPECT_EQ(conversation.outcomes[1].text, "a.txt");
}

// Both forms in which words come that were written while a tool ran; what they leave of the turn is the same.
TEST(Conversation, WordsSaidWhileAToolRanSteerTheTurnAndBeginNone) {
  const std::string steer =
      R"(The user sent a new message while you were working:\nplease\nhurry\n\nIMPORTANT: After completing your current task, you MUST address it.)";
  const std::string asked = R"([{"role":"user","content":"work"},
    {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]},)";
  const std::string as_system = asked +
                                R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"a.txt"}]},
    {"role":"system","content":")" +
                                steer + "\"}]";
  const std::string as_reminder = asked + R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1",
    "content":"a.txt\n\n<system-reminder>\n)" +
                                  steer + R"(\n</system-reminder>"}]}])";
  for (const std::string& messages : {as_system, as_reminder}) {
    const auto conversation = read(messages);
    EXPECT_EQ(conversation.asked, "work");
    EXPECT_THAT(conversation.steered, ElementsAre("please\nhurry"));
    EXPECT_EQ(conversation.step, 1);
    EXPECT_EQ(conversation.outcomes.at(0).text, "a.txt");
  }
}

TEST(Conversation, AnInterruptionIsNoPersonAndTheNextWordsBeginANewTurn) {
  const std::string interrupted = R"([{"role":"user","content":"third"},
    {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"ls"}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"rejected","is_error":true},
                              {"type":"text","text":"[Request interrupted by user for tool use]\n"})";
  EXPECT_EQ(read(interrupted + "]}]").asked, "third");
  const auto resumed = read(interrupted + R"(,{"type":"text","text":"after it"}]}])");
  EXPECT_EQ(resumed.asked, "after it");
  EXPECT_EQ(resumed.step, 0);
  EXPECT_THAT(resumed.outcomes, IsEmpty());
}

TEST(Conversation, TheLastOfSeveralWordsInOneMessageBeginsTheTurn) {
  const auto conversation =
      read(R"([{"role":"user","content":[{"type":"text","text":"it failed\n"},{"type":"text","text":"again"}]}])");
  EXPECT_EQ(conversation.asked, "again");
}

TEST(Conversation, WhatIsNoRequestIsAnErrorThatNamesTheField) {
  for (const auto& [text, field] : std::vector<std::pair<std::string, std::string>>{
           {R"({"messages":[{"role":"user","content":"x"}]})", "model"},
           {R"({"model":7,"messages":[]})", "model"},
           {R"({"model":"m"})", "messages"},
           {R"({"model":"m","messages":[]})", "messages"},
           {R"({"model":"m","messages":["x"]})", "messages"},
           {R"({"model":"m","stream":"yes","messages":[{}]})", "stream"},
       }) {
    const auto conversation = read_conversation(base::parse_json_object(text).value());
    ASSERT_FALSE(conversation) << text;
    EXPECT_EQ(conversation.error().field, field);
  }
}

TEST(Conversation, OddBlocksAreIgnored) {
  const auto conversation = read(R"([{"role":"user","content":["x",{"type":"tool_result","tool_use_id":"nobody"},{"type":"text"},
    {"type":"text","text":"<system-reminder> never ends"},{"type":"image"},{"type":"text","text":"words"}]},{"role":"robot","content":1},{}])");
  EXPECT_EQ(conversation.asked, "words");
}

}  // namespace
}  // namespace omakase::practice
