#include "agents/json_line.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"

namespace omakase::agents {
namespace {

std::string read_again(std::string_view line) {
  const JsonLine json_line(line);
  return json_line.object() ? boost::json::serialize(copy_of(json_line.object())) : "refused: " + json_line.error();
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += part;
  return all;
}

TEST(JsonLine, AnObjectIsUnderstoodWhole) {
  const std::string line = R"({"a":[1,-2,18446744073709551615,1.5,true,null],"b":{"c":"\u00e4\n"},"":{}})";
  EXPECT_EQ(read_again(line), R"({"a":[1,-2,18446744073709551615,1.5E0,true,null],"b":{"c":"ä\n"},"":{}})");
}

TEST(JsonLine, AnythingElseIsRefused) {
  for (const char* bad : {"", "[]", "1", "null", "{", R"({"a")", R"({"a":})", R"({"a":1}{})", "{'a':1}", R"({"a":01})",
                          R"({"a":1e999})", R"({"a":"\x"})", R"({"a":tru})", "\xef\xbb\xbf{}"}) {
    EXPECT_TRUE(read_again(bad).starts_with("refused")) << bad;
  }
}

TEST(JsonLine, NestingEndsAtSixtyFourLevels) {
  EXPECT_FALSE(read_again("{\"a\":" + repeated("[", 60) + repeated("]", 60) + "}").starts_with("refused"));
  EXPECT_TRUE(read_again("{\"a\":" + repeated("[", 65) + repeated("]", 65) + "}").starts_with("refused"));
  EXPECT_TRUE(read_again(repeated("{\"a\":", 100'000)).starts_with("refused"));
}

TEST(JsonLine, NumbersThatFitNoIntegerAreFractions) {
  EXPECT_EQ(read_again(R"({"a":100000000000000000000,"b":[-12345678901234567890123],"c":"100000000000000000000"})"),
            R"({"a":1E20,"b":[-1.2345678901234568E22],"c":"100000000000000000000"})");
}

TEST(JsonLine, OfTwoMembersWithOneNameTheFirstCounts) {
  const JsonLine line(R"({"a":1,"a":2})");
  EXPECT_EQ(integer_or_none(*line.object(), "a"), 1);
  EXPECT_EQ(read_again(R"({"a":1,"a":2})"), R"({"a":1})");
}

TEST(JsonLine, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(read_again("{\"a\":\"x\xff\"}"), "{\"a\":\"x\xef\xbf\xbd\"}");
  EXPECT_EQ(read_again(R"({"a":"\ud83d","b":"\ud83d\ude42"})"), "{\"a\":\"\xef\xbf\xbd\",\"b\":\"\xf0\x9f\x99\x82\"}");
}

TEST(JsonLine, ALargeLineIsTextOrRefused) {
  const std::string text(5'000'000, 'x');
  const std::string quoted = repeated(R"(\\\"[{,:)", 600'000);
  EXPECT_EQ(read_again("{\"a\":\"" + text + "\"}").size(), text.size() + 8);
  EXPECT_EQ(read_again("{\"a\":\"" + quoted + "\"}").size(), quoted.size() + 8) << "within a text nothing is a value";
  EXPECT_EQ(read_again("{\"a\":[" + repeated("1,", 2'000'000) + "1]}"), "refused: The line has too many values.");
}

TEST(JsonLine, AMemberOfAnotherTypeCountsAsAbsent) {
  const JsonLine line(R"({"text":"t","number":1.5,"whole":7,"yes":true,"object":{},"array":[]})");
  const JsonObject object = *line.object();
  EXPECT_EQ(string_or_empty(object, "text"), "t");
  EXPECT_EQ(string_or_empty(object, "number"), "");
  EXPECT_EQ(number_or_zero(object, "whole"), 7);
  EXPECT_EQ(number_or_zero(object, "text"), 0);
  EXPECT_EQ(integer_or_none(object, "number"), std::nullopt);
  EXPECT_TRUE(bool_or_false(object, "yes"));
  EXPECT_FALSE(bool_or_false(object, "whole"));
  EXPECT_TRUE(object_or_none(object, "object"));
  EXPECT_FALSE(object_or_none(object, "array"));
  EXPECT_TRUE(array_or_none(object, "array"));
  EXPECT_FALSE(array_or_none(object, "absent"));
}

}  // namespace
}  // namespace omakase::agents
