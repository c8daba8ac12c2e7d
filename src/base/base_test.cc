#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>

#include "base/clock.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/text.h"

namespace omakase::base {
namespace {

TEST(Timestamp, IsWrittenWithSixDigitsAndReadBack) {
  const Timestamp time{1'769'850'307'000'123};
  EXPECT_EQ(format(time), "2026-01-31T09:05:07.000123Z");
  EXPECT_EQ(parse_timestamp("2026-01-31T09:05:07.000123Z"), time);
  EXPECT_EQ(parse_timestamp("9999-12-31T23:59:59.999999Z").value(), (Timestamp{253'402'300'799'999'999}));
}

TEST(Timestamp, RefusesWhatIsNotATime) {
  for (const char* text :
       {"", "x", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:05:07",
        "2026-01-31T09:05:07.Z", "2026-01-31T09:05:07.1234567Z", "2026-01-31T09:05:07Z\n", "2026-01-31 09:05:07Z"}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Ids, UlidsSortByTimeAndDiffer) {
  const std::string early = new_ulid({1'000'000});
  const std::string late = new_ulid({2'000'000'000});
  EXPECT_EQ(early.size(), 26u);
  EXPECT_LT(early, late);
  std::set<std::string> many;
  for (int i = 0; i < 1000; ++i) many.insert(new_ulid({1'000'000}));
  EXPECT_EQ(many.size(), 1000u);
  EXPECT_EQ(new_ulid({1'469'918'176'385'000}).substr(0, 10), "01ARYZ6S41");  // the example of the format's own page
}

TEST(Ids, OnlyLettersDigitsDashAndUnderscorePass) {
  EXPECT_TRUE(valid_id("01J_a-Z"));
  for (const char* text : {"", "a b", "a/b", "..", "é", "a\n"}) EXPECT_FALSE(valid_id(text)) << text;
  EXPECT_FALSE(valid_id(std::string(65, 'a')));
  EXPECT_FALSE(valid_id(std::string("a\0b", 3)));
}

TEST(Ids, ADerivedUuidIsStableAndWellFormed) {
  const std::string uuid = derived_uuid("run", "message");
  EXPECT_EQ(uuid, derived_uuid("run", "message"));
  EXPECT_NE(uuid, derived_uuid("run", "other"));
  EXPECT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '8');
}

TEST(Digest, MatchesKnownValues) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base64url(std::string_view("\xfb\xff\x00", 3)), "-_8A");
  EXPECT_TRUE(equal_in_constant_time("a", "a"));
  EXPECT_FALSE(equal_in_constant_time("a", "ab"));
}

TEST(Text, Utf8IsCheckedAndScrubbed) {
  EXPECT_TRUE(valid_utf8("añ漢😀"));
  for (const char* bad : {"\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xe6\xbc"}) EXPECT_FALSE(valid_utf8(bad));
  EXPECT_EQ(scrub_utf8("a\xff"
                       "b\xe6\xbc"),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(utf8_prefix("a漢b", 3), "a");
  EXPECT_EQ(utf8_prefix("a漢b", 4), "a漢");
}

TEST(Text, LongTextIsSplitAtLinesAndNothingIsLost) {
  const std::string text = "one\ntwo\nthree漢字\n";
  for (std::size_t bytes = 4; bytes < 30; ++bytes) {
    std::string joined;
    for (std::string_view piece : split_at_lines(text, bytes)) {
      EXPECT_LE(piece.size(), bytes);
      EXPECT_TRUE(valid_utf8(piece));
      joined += piece;
    }
    EXPECT_EQ(joined, text);
  }
  EXPECT_EQ(split_at_lines("one\ntwo\n", 6).front(), "one\n");
  EXPECT_EQ(split_at_lines("", 6).size(), 1u);
}

TEST(Text, PercentDecodingRefusesHalfEscapes) {
  std::string out;
  EXPECT_TRUE(percent_decode("a%2Fb", out));
  EXPECT_EQ(out, "a/b");
  EXPECT_FALSE(percent_decode("a%2", out));
  EXPECT_FALSE(percent_decode("%zz", out));
}

TEST(Json, RefusesDuplicatesDepthOverflowAndBadText) {
  for (const char* bad : {"", "{", "{\"a\":1,\"a\":2}", "[{\"x\":{\"b\":1,\"b\":1}}]", "{\"a\":1e999}", "\"\\ud800\"", "[1,]",
                          "{} {}", "nul", "\"\xff\"", "{'a':1}", "01"}) {
    EXPECT_FALSE(parse_json(bad)) << bad;
  }
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  EXPECT_FALSE(parse_json(std::string(65, '[') + std::string(65, ']')));
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
  EXPECT_TRUE(parse_json("{\"a\":1,\"b\":{\"a\":2}}"));
  EXPECT_EQ(parse_json("9223372036854775807")->as_int64(), 9223372036854775807);
}

TEST(Json, TakesEveryFormThatTheStandardHas) {
  for (const char* good : {"null",
                           " true\r\n\t",
                           "\"\"",
                           "[]",
                           "{}",
                           "-0",
                           "-0.0",
                           "0",
                           "1E2",
                           "1e+2",
                           "1.5e-2",
                           "123456789012345678901234567890",
                           "1e-999",
                           "[[],{},[null]]",
                           R"({"":1})",
                           R"("\u0000")",
                           R"("\"\\\/\b\f\n\r\t")",
                           R"("\ud83d\ude00")",
                           "\"\x7f\"",
                           "\"\xf4\x8f\xbf\xbf\"",
                           R"("\uffff")",
                           R"({"a":1,"A":2})",
                           R"([1 , 2])"}) {
    EXPECT_TRUE(parse_json(good)) << good;
  }
}

TEST(Json, RefusesWhatOtherReadersMayTakeForSomethingElse) {
  using namespace std::string_literals;
  for (const std::string& bad : std::vector<std::string>{
           " ", "[", "]", "[1", "[1,,2]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" \"b\"}",
           "{\"a\":1 \"b\":2}", "[1 2]", "1 2", "// comment\n1", "[1]//", "/**/1", "True", "NaN", "Infinity", "-Infinity", "+1",
           "-", ".5", "1.", "1e", "1e+", "1.e1", "--1", "0x10", "00", "-01", "1_000", "1e1000", "-1e999", "'a'", "\"a",
           "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\", "\"tab\t\"", "\"line\n\"", "\"\0\""s, "\0"s, "1\0"s, "\xef\xbb\xbf{}",
           // Half a character, as an escape and as bytes; bytes that are none.
           R"("\ud83d")", R"("\ude00")", R"("\ude00\ud83d")", R"("\ud83dx")", R"("\ud83d\u0041")", R"({"\ud800":1})",
           "\"\xed\xa0\x80\"", "\"\xc0\xaf\"", "\"\xe6\xbc\"", "\"\xf4\x90\x80\x80\"", "\"\x80\"", "{\"\xff\":1}",
           // A name that is another only in how it is written.
           R"({"a":1,"\u0061":2})", R"({"a":{"b":[{"c":1,"c":1}]}})"}) {
    const auto parsed = parse_json(bad);
    EXPECT_FALSE(parsed) << bad;
    if (!parsed) {
      EXPECT_EQ(parsed.error().code, "malformed_json") << bad;
    }
  }
}

TEST(Json, DepthCostsNoStack) {
  for (const char* open : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += open;
    EXPECT_FALSE(parse_json(deep)) << open;
  }
}

TEST(Json, WholeNumbersAreExactOrRefused) {
  const auto read = [](const std::string& number) {
    return optional_int(parse_json_object("{\"n\":" + number + "}").value(), "n");
  };
  EXPECT_EQ(read("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read("9007199254740993"), 9007199254740993) << "a double would not hold it";
  for (const char* other : {"9223372036854775808", "-9223372036854775809", "1.0", "1e3", "1e300", "\"1\"", "true", "[1]"}) {
    EXPECT_EQ(read(other).error().code, "invalid_type") << other;
  }
}

TEST(Json, LongNamesAndStringsSurviveWhole) {
  const std::string name(5000, 'k');
  const std::string value(100'000, 'v');
  const auto parsed = parse_json_object("{\"" + name + "\":\"" + value + "\"}");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->at(name).as_string(), value);
}

TEST(Json, AFieldOfAnotherTypeIsNamed) {
  const auto object = parse_json_object(R"({"content":5,"nothing":null})").value();
  const auto content = optional_string(object, "content");
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().field, "content");
  EXPECT_EQ(content.error().code, "invalid_type");
  EXPECT_EQ(optional_string(object, "nothing")->has_value(), false);
  EXPECT_EQ(required_string(object, "nothing").error().code, "required");
}

}  // namespace
}  // namespace omakase::base
