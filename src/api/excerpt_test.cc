#include "api/excerpt.h"

#include <gmock/gmock.h>

#include "base/text.h"

namespace omakase::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(SearchWords, AreWhatStandsBetweenBlanksAndWhatIsQuoted) {
  EXPECT_THAT(search_words("  Time out\tBUCKET "), ElementsAre("time", "out", "bucket"));
  EXPECT_THAT(search_words(R"("rate limit" bucket)"), ElementsAre("rate limit", "bucket"));
  EXPECT_THAT(search_words(R"(an "open end)"), ElementsAre("an", "open end"));
  EXPECT_THAT(search_words(R"(a"b c"d)"), ElementsAre("a", "b c", "d"));
  EXPECT_THAT(search_words("GRÖSSE Ω Ж"), ElementsAre("grösse", "ω", "ж"));
  EXPECT_THAT(search_words(R"( "" " ")"), IsEmpty());
}

TEST(Excerpt, IsAShortTextItself) { EXPECT_EQ(excerpt("one\n\n  two ", {"two"}), "one two"); }

TEST(Excerpt, StandsAroundTheFirstWordOfALongText) {
  const std::string before(5'000, 'x');
  const std::string text = before + " the Needle is here " + std::string(5'000, 'y');
  const std::string shown = excerpt(text, {"absent", "needle"});
  EXPECT_THAT(shown, StartsWith("… "));
  EXPECT_THAT(shown, HasSubstr("Needle is here"));
  EXPECT_TRUE(shown.ends_with(" …"));
  EXPECT_LE(shown.size(), 220u);
}

TEST(Excerpt, CutsNoCharacter) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "おまかせ";
  for (std::size_t bytes = 1; bytes < 60; ++bytes) EXPECT_TRUE(base::valid_utf8(excerpt(text, {"まか"}, bytes)));
}

TEST(Excerpt, FindsItsPlaceWhereSmallLettersAreShorter) {
  // U+0130 and U+1E9E are shorter when small.
  std::string text;
  for (int i = 0; i < 400; ++i) text += "İẞ";
  EXPECT_THAT(excerpt(text + " Needle", {"needle"}, 30), HasSubstr("Needle"));
}

}  // namespace
}  // namespace omakase::api
