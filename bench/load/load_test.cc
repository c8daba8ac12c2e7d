#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "load/answer.h"
#include "load/chunks.h"
#include "load/events.h"
#include "load/histogram.h"
#include "load/mark.h"
#include "load/posts.h"
#include "load/tally.h"

namespace omakase::load {

namespace {

std::vector<std::string> events_of(std::string_view bytes, std::size_t& used) {
  std::vector<std::string> seen;
  used =
      split_events(bytes, [&](const Event& event) { seen.push_back(std::string(event.name) + "=" + std::string(event.data)); });
  return seen;
}

std::string decode(Chunks& chunks, std::string bytes) {
  std::size_t used = 0;
  bytes.resize(chunks.decode(bytes, used));
  return bytes;
}

}  // namespace

TEST(Events, AreSplitWithTheirNamesAndWithoutComments) {
  std::size_t used = 0;
  const std::string stream = ": connected\n\nid: 1\ndata: one\n\nevent: ping\ndata: {}\n\nretry: 5\n\n";
  EXPECT_EQ(events_of(stream, used), (std::vector<std::string>{"=one", "ping={}"}));
  EXPECT_EQ(used, stream.size());
}

TEST(Events, MayEndTheirLinesWithCarriageReturnsAndHaveEmptyData) {
  std::size_t used = 0;
  EXPECT_EQ(events_of("data:one\r\n\r\ndata:\r\n\r\n", used), (std::vector<std::string>{"=one", "="}));
}

TEST(Events, KeepWhatIsBetweenTwoLinesOfData) {
  std::size_t used = 0;
  EXPECT_EQ(events_of("data: a\ndata: b\n\n", used), (std::vector<std::string>{"=a\ndata: b"}));
}

TEST(Events, AreTheSameHoweverTheStreamIsCut) {
  const std::string stream = "id: 7\ndata: first\n\n: x\n\nevent: e\ndata: second\n\n";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    std::size_t used = 0;
    std::vector<std::string> seen = events_of(stream.substr(0, cut), used);
    const std::vector<std::string> more = events_of(stream.substr(used), used);
    seen.insert(seen.end(), more.begin(), more.end());
    EXPECT_EQ(seen, (std::vector<std::string>{"=first", "e=second"})) << "cut at " << cut;
  }
}

TEST(Mark, IsFoundInTheMessageThatCarriesIt) {
  const Mark mark{0xdeadbeef, 15, 0x00abcdef, 0x0123456789abcdef};
  std::string text(kMarkBytes, ' ');
  write_mark(text.data(), mark);
  EXPECT_EQ(find_mark(R"({"content":"~)" + text + R"(xxxx"})"), mark);
  EXPECT_EQ(find_mark(text.substr(1)), std::nullopt);
  EXPECT_EQ(find_mark("no mark, ~ but a tilde in a text that is long enough to hold one"), std::nullopt);
}

TEST(Tally, FindsNothingWrongWithLinesThatCameWhole) {
  Tally tally(2);
  for (std::uint32_t i = 0; i < 100; ++i) {
    tally.see(0, i);
    tally.see(1, i);
  }
  EXPECT_EQ(tally.faults().gaps + tally.faults().doubles + tally.faults().late, 0);
  EXPECT_EQ(tally.reached(1), 100);
}

TEST(Tally, TellsAMissingMessageFromALateOneAndFromADouble) {
  Tally tally(1);
  for (const std::uint32_t sequence : {0, 2, 5, 3, 5}) tally.see(0, sequence);
  EXPECT_EQ(tally.faults().gaps, 2);     // 1 and 4
  EXPECT_EQ(tally.faults().late, 1);     // 3
  EXPECT_EQ(tally.faults().doubles, 1);  // 5
}

TEST(Tally, CountsAGapThatIsLongerThanItRemembers) {
  Tally tally(1);
  tally.see(0, 1'000'000);
  EXPECT_EQ(tally.faults().gaps, 1'000'000);
}

TEST(Histogram, GivesQuantilesWithinOnePerCent) {
  Histogram histogram;
  for (int i = 1; i <= 100'000; ++i) histogram.add(i * 1'000);
  for (const double share : {0.01, 0.5, 0.95, 0.99, 1.0})
    EXPECT_NEAR(static_cast<double>(histogram.quantile(share)), share * 1e8, share * 1e6);
  EXPECT_EQ(histogram.highest(), 100'000'000);
}

TEST(Histogram, TakesWhatIsZeroNegativeOrHuge) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0);
  histogram.add(-5);
  EXPECT_EQ(histogram.quantile(1), 0);
  histogram.add(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(histogram.quantile(1), std::numeric_limits<std::int64_t>::max());
}

TEST(Histogram, OfSeveralThreadsAddUp) {
  Histogram one;
  Histogram other;
  one.add(100);
  other.add(200);
  one.merge(other);
  EXPECT_EQ(one.total(), 2);
  EXPECT_EQ(one.quantile(0.5), 100);
  EXPECT_EQ(one.quantile(1), 200);
}

TEST(Chunks, GiveTheirContentHoweverTheyAreCut) {
  const std::string wire = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: 1\r\n\r\n";
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    Chunks chunks;
    std::string content = decode(chunks, wire.substr(0, cut));
    content += decode(chunks, wire.substr(cut));
    EXPECT_EQ(content, "hello world") << "cut at " << cut;
    EXPECT_TRUE(chunks.ended());
  }
}

TEST(Chunks, AreBrokenWithoutASize) {
  Chunks chunks;
  decode(chunks, "data: x\n\n");
  EXPECT_TRUE(chunks.broken());
}

TEST(Answer, IsReadOnceItsHeadIsWhole) {
  const std::string text = "HTTP/1.1 201 Created\r\nContent-length: 12\r\nConnection: close\r\n\r\n";
  for (std::size_t cut = 0; cut < text.size(); ++cut) EXPECT_FALSE(read_head(text.substr(0, cut))) << "cut at " << cut;
  const auto head = read_head(text + "body");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 201);
  EXPECT_EQ(head->bytes, text.size());
  EXPECT_EQ(head->length, 12);
  EXPECT_TRUE(head->closes);
}

TEST(Posts, GoToEveryChannelAndHaveALineOfTheirOwnThere) {
  Options options;
  options.channels = {{"a", "x"}, {"b", "y"}, {"c", "z"}};
  options.post_headers = {"Authorization: Bearer {token}"};
  options.body = R"({"content":"{content}"})";
  options.senders = 2;
  Posts few(options);
  EXPECT_EQ(few.of_sender(0).size(), 2);
  EXPECT_EQ(few.of_channel(1).size(), 1);
  const Line& line = *few.of_sender(1).front();
  EXPECT_TRUE(line.request.starts_with("POST /b HTTP/1.1\r\n")) << line.request;
  EXPECT_NE(line.request.find("\r\nAuthorization: Bearer y\r\n"), std::string::npos);
  EXPECT_EQ(line.request.substr(line.mark_at - 12, 12), R"({"content":")");

  options.senders = 6;
  Posts many(options);
  EXPECT_EQ(many.of_channel(2).size(), 2);
  EXPECT_EQ(many.of_sender(5).front()->number, 1);
}

}  // namespace omakase::load
