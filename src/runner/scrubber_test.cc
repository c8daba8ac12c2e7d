#include "runner/scrubber.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace omakase::runner {
namespace {

const Scrubber kScrubber(
    {{"TOKEN", "hunter2-hunter2"}, {"SHORT", "abc"}, {"LONGER", "hunter2-hunter2-and-more"}, {"ODD", "a\"b\\c\nd\te-f"}});

TEST(Scrubber, PutsTheNameInTheValuesPlace) {
  EXPECT_EQ(kScrubber.scrub("x hunter2-hunter2 y hunter2-hunter2"), "x [hidden: TOKEN] y [hidden: TOKEN]");
  EXPECT_EQ(kScrubber.scrub("hunter2-hunter2-and-more"), "[hidden: LONGER]");
  EXPECT_EQ(kScrubber.scrub("hunter2-hunter2-and-less"), "[hidden: TOKEN]-and-less");
  EXPECT_EQ(kScrubber.scrub("hunter2-hunthunter2-hunter2"), "hunter2-hunt[hidden: TOKEN]");
  EXPECT_EQ(kScrubber.scrub("nothing, abc"), "nothing, abc") << "short values turn up by chance";
  EXPECT_EQ(Scrubber({}).scrub("hunter2-hunter2"), "hunter2-hunter2");
}

TEST(Scrubber, FindsTheValueInsideJsonInsideJson) {
  std::string text = "a\"b\\c\nd\te-f";
  for (int depth = 0; depth < 4; ++depth) {
    EXPECT_EQ(kScrubber.scrub("<" + text + ">"), "<[hidden: ODD]>") << depth;
    const std::string quoted = base::json::serialize(base::json::value(text));
    text = quoted.substr(1, quoted.size() - 2);
  }
}

TEST(Scrubber, AStreamIsScrubbedWhereverItIsCut) {
  const std::string text = "see hunter2-hunter2-and-more, hunter2-hunter2, hunt and a\"b\\c\nd\te-f";
  const std::string wanted = kScrubber.scrub(text);
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      Scrubber::Stream stream(kScrubber);
      const std::string_view all = text;
      std::string out = stream.push(all.substr(0, first));
      out += stream.push(all.substr(first, second - first));
      out += stream.push(all.substr(second));
      ASSERT_EQ(out + stream.finish(), wanted) << first << " " << second;
    }
  }
}

TEST(Scrubber, HoldsBackOnlyWhatCouldBeTheBeginningOfAValue) {
  Scrubber::Stream stream(kScrubber);
  EXPECT_EQ(stream.push("some words hunt"), "some words ");
  EXPECT_EQ(stream.push("ing"), "hunting");
}

}  // namespace
}  // namespace omakase::runner
