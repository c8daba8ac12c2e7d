#include "practice/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/sse.h"
#include "practice/script.h"

namespace omakase::practice {
namespace {

using testing::ElementsAre;

Answer answer_to(const std::string& script, milliseconds pace = milliseconds(15)) {
  Conversation conversation;
  conversation.model = "claude-x";
  conversation.asked = "something";
  return compose(parse_script(script).value().steps.at(0), conversation, 4000, pace, {});
}

// The events of an answer, as a client reads them.
std::vector<json::object> events_of(const Answer& answer) {
  std::vector<json::object> events;
  net::SseReader reader([&](const net::SseEvent& event) {
    events.push_back(json::parse(event.data).as_object());
    EXPECT_EQ(std::string(events.back().at("type").as_string()), event.event);
  });
  for (const Beat& beat : answer.beats) {
    if (beat.kind == Beat::Kind::kEvent || beat.kind == Beat::Kind::kError) EXPECT_TRUE(reader.feed(beat.text));
  }
  return events;
}

std::vector<std::string> types_of(const Answer& answer) {
  std::vector<std::string> types;
  for (const json::object& event : events_of(answer)) types.emplace_back(event.at("type").as_string());
  return types;
}

// What a client puts together from the deltas, block by block, to compare with the whole message.
json::array assembled(const Answer& answer) {
  json::array content;
  std::vector<std::string> inputs;
  for (const json::object& event : events_of(answer)) {
    if (event.at("type") == "content_block_start") {
      EXPECT_EQ(event.at("index").to_number<std::size_t>(), content.size());
      content.push_back(event.at("content_block"));
      inputs.emplace_back();
    }
    if (event.at("type") != "content_block_delta") continue;
    const auto index = event.at("index").to_number<std::size_t>();
    const json::object& delta = event.at("delta").as_object();
    const std::string_view type = delta.at("type").as_string();
    if (type == "input_json_delta") {
      inputs.at(index) += delta.at("partial_json").as_string();
      continue;
    }
    const std::string_view field = type.substr(0, type.rfind('_'));
    auto& text = content.at(index).at(field).as_string();
    text.append(delta.at(field).as_string());
  }
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (!inputs[i].empty()) content[i].as_object()["input"] = json::parse(inputs[i]);
  }
  return content;
}

TEST(Answer, StreamsATextAsTheWireWantsIt) {
  const Answer answer = answer_to("!reply Hi you");
  EXPECT_THAT(types_of(answer), ElementsAre("message_start", "content_block_start", "content_block_delta", "content_block_delta",
                                            "content_block_stop", "message_delta", "message_stop"));
  const auto events = events_of(answer);
  const json::object& start = events[0].at("message").as_object();
  EXPECT_EQ(start.at("model"), "claude-x");
  EXPECT_TRUE(start.at("content").as_array().empty());
  EXPECT_TRUE(start.at("stop_reason").is_null());
  EXPECT_TRUE(start.at("id").as_string().starts_with("msg_"));
  EXPECT_EQ(events[5].at("delta").at("stop_reason"), "end_turn");
  EXPECT_GT(events[5].at("usage").at("output_tokens").to_number<int>(), 0);
  EXPECT_EQ(answer.beats[2].pause, milliseconds(15));
  EXPECT_EQ(answer.beats[1].pause, milliseconds(0)) << "only what is said takes time";
}

TEST(Answer, TheStreamAndTheWholeMessageSayTheSame) {
  const Answer answer = answer_to(
      "!thinking hmm, well\n!text eins\n!text zwei — drei\n!parallel\n!tool Bash {\"command\":\"echo 'a long command, in "
      "ünïcode, which is cut'\"}\n!tool Read");
  const json::array& content = answer.message.at("content").as_array();
  EXPECT_EQ(assembled(answer), content);
  ASSERT_EQ(content.size(), 4u);
  EXPECT_EQ(content[1].at("text"), "eins\n\nzwei — drei");
  EXPECT_NE(content[2].at("id"), content[3].at("id"));
  EXPECT_EQ(answer.message.at("stop_reason"), "tool_use");
}

TEST(Answer, UsageCountsTheRequestOnceAndTheCacheAfterwards) {
  Conversation conversation;
  conversation.asked = "words";
  const auto usage_at = [&](int step) {
    conversation.step = step;
    return compose({}, conversation, 4000, {}, {}).message.at("usage").as_object();
  };
  for (const int step : {0, 1}) {
    const json::object usage = usage_at(step);
    EXPECT_EQ(usage.at("input_tokens").to_number<int>() + usage.at("cache_creation_input_tokens").to_number<int>() +
                  usage.at("cache_read_input_tokens").to_number<int>(),
              1001);
    EXPECT_EQ(usage.at("cache_read_input_tokens").to_number<int>() > 0, step > 0);
  }
}

TEST(Answer, ACutComesAfterThatManyDeltasOrInPlaceOfTheEnd) {
  const Answer early = answer_to("!cut 2\n!words 5");
  EXPECT_THAT(types_of(early), ElementsAre("message_start", "content_block_start", "content_block_delta", "content_block_delta"));
  EXPECT_EQ(early.beats.back().kind, Beat::Kind::kCut);
  const Answer late = answer_to("!cut 9\n!words 1");
  EXPECT_THAT(types_of(late), ElementsAre("message_start", "content_block_start", "content_block_delta", "content_block_stop"));
  EXPECT_EQ(late.beats.back().kind, Beat::Kind::kCut);
}

TEST(Answer, NothingFollowsAnErrorOrAHang) {
  const Answer failed = answer_to("!text a\n!error overloaded_error\n!text b");
  EXPECT_THAT(types_of(failed), ElementsAre("message_start", "content_block_start", "content_block_delta", "error"));
  EXPECT_EQ(events_of(failed).back().at("error").at("type"), "overloaded_error");
  EXPECT_EQ(answer_to("!text a\n!hang\n!text b").beats.back().kind, Beat::Kind::kHang);
}

TEST(Answer, AHoldStandsBetweenWhatItSeparates) {
  const Answer answer = answer_to("!text a\n!hold door\n!text b");
  ASSERT_EQ(answer.beats.at(3).kind, Beat::Kind::kHold);
  EXPECT_EQ(answer.beats[3].text, "door");
  EXPECT_EQ(answer.message.at("content").as_array().at(0).at("text"), "a\n\nb");
}

TEST(Answer, SlowWordsAreOneDeltaEachWithTheirPause) {
  int slow = 0;
  for (const Beat& beat : answer_to("!slow 20 700\n!text quick").beats) slow += beat.pause == milliseconds(700);
  EXPECT_EQ(slow, 20);
}

TEST(Answer, AnAnswerIsNeverEmpty) {
  EXPECT_EQ(answer_to("!status 500").message.at("content").as_array().at(0).at("text"), "Done.");
}

TEST(Answer, PiecesAreWordsAndNeverHalfACharacter) {
  EXPECT_THAT(pieces_of("a  bc\nd"), ElementsAre("a  ", "bc\n", "d"));
  EXPECT_THAT(pieces_of(" a"), ElementsAre(" ", "a"));
  std::string wide;
  for (int i = 0; i < 30'000; ++i) wide += "語";
  for (const std::size_t bytes : {std::size_t{300}, wide.size()}) {
    std::string joined;
    for (const std::string_view piece : pieces_of(std::string_view(wide).substr(0, bytes))) {
      EXPECT_EQ(piece.size() % 3, 0u);
      joined += piece;
    }
    EXPECT_EQ(joined, wide.substr(0, bytes));
  }
  EXPECT_LT(pieces_of(wide).size(), 30u) << "a very long text comes in large pieces";
}

}  // namespace
}  // namespace omakase::practice
