#include "agents/claude/input.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace omakase::agents::claude {
namespace {

namespace json = base::json;

std::string content(std::string_view text) {
  const auto line = base::parse_json_object(user_line("uuid-1", text)).value();
  EXPECT_EQ(line.at("uuid").as_string(), "uuid-1");
  EXPECT_EQ(line.at("type").as_string(), "user");
  EXPECT_EQ(line.at("message").at("role").as_string(), "user");
  return std::string(line.at("message").at("content").as_string());
}

TEST(UserLine, CarriesAnyTextOnOneLine) {
  for (const std::string text : {"hello", "two\nlines\r\n", "\"quoted\" \\ \x01", "ünï 🙂 \xe2\x80\xa8", ""}) {
    EXPECT_EQ(content(text), text);
    EXPECT_EQ(user_line("u", text).find('\n'), std::string::npos);
  }
  const std::string with_nul("a\0b", 3);
  EXPECT_EQ(content(with_nul), with_nul);
}

TEST(UserLine, TextThatBeginsWithASlashIsNoCommand) {
  EXPECT_EQ(content("/clear"), " /clear");
  EXPECT_EQ(content(" /clear"), " /clear");
  EXPECT_EQ(content("no /clear"), "no /clear");
}

TEST(ControlLines, AskAndRefuse) {
  EXPECT_EQ(json::parse(interrupt_line("stop")),
            json::parse(R"({"type":"control_request","request_id":"stop","request":{"subtype":"interrupt"}})"));
  EXPECT_EQ(json::parse(initialize_line("a")),
            json::parse(R"({"type":"control_request","request_id":"a","request":{"subtype":"initialize"}})"));
  EXPECT_EQ(json::parse(refusal_line("q", "no")),
            json::parse(R"({"type":"control_response","response":{"subtype":"error","request_id":"q","error":"no"}})"));
}

}  // namespace
}  // namespace omakase::agents::claude
