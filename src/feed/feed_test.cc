// The feed over the real store, read through real sockets.
#include "feed/feed_fixture.h"
#include "feed/ring.h"

namespace omakase::feed {
namespace {

TEST_F(FeedTest, AReaderGetsThePastThenAStateThenWhatHappens) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await say(feed, "one");
    Reader reader(loop_.executor());
    co_await open(feed, reader);
    EXPECT_TRUE(co_await reader.until_event("state"));
    EXPECT_EQ(reader.contents(), std::vector<std::string>{"one"});
    co_await say(feed, "two");
    EXPECT_TRUE(co_await reader.until([](const auto& event) { return event.data.find("two") != std::string::npos; }));
    co_await end(feed);
    EXPECT_TRUE(co_await reader.until_event("close"));
    EXPECT_FALSE(co_await reader.until_event("nothing more")) << "the stream ends after close";
  });
}

TEST_F(FeedTest, ACursorGivesExactlyWhatFollowsIt) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await say(feed, "one");
    const auto second = co_await say(feed, "two");
    co_await say(feed, "three");
    Reader reader(loop_.executor());
    co_await open(feed, reader, base::format(second.timestamp));
    EXPECT_TRUE(co_await reader.until_event("state"));
    EXPECT_EQ(reader.contents(), std::vector<std::string>{"three"});
    Reader last(loop_.executor());
    co_await open(feed, last, std::nullopt, 2);
    EXPECT_TRUE(co_await last.until_event("state"));
    EXPECT_EQ(last.contents(), (std::vector<std::string>{"two", "three"}));
  });
}

TEST_F(FeedTest, AnUnreadableOrFutureCursorResetsToTheWholeHistory) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await say(feed, "one");
    for (const char* cursor : {"garbage", "9999-01-01T00:00:00Z", "-1", "\xff"}) {
      Reader reader(loop_.executor());
      co_await open(feed, reader, cursor);
      EXPECT_TRUE(co_await reader.until_event("reset")) << cursor;
      EXPECT_TRUE(co_await reader.until_event("state"));
      EXPECT_EQ(reader.contents(), std::vector<std::string>{"one"});
    }
  });
}

TEST_F(FeedTest, AnEndedRunReplaysAndClosesAndThenHasNothingMore) {
  with_feed([&](Feed& feed) -> Task<> {
    const auto only = co_await say(feed, "only");
    co_await end(feed);
    Reader reader(loop_.executor());
    co_await open(feed, reader);
    EXPECT_TRUE(co_await reader.until_event("close"));
    EXPECT_EQ(reader.found().data, R"({"status":"completed"})");
    const auto again = co_await feed.plan_stream({.run_id = "r", .last_event_id = base::format(only.timestamp), .tail = {}});
    EXPECT_TRUE(again->nothing_more);
    const auto unknown = co_await feed.plan_stream({.run_id = "nobody", .last_event_id = {}, .tail = {}});
    EXPECT_EQ(unknown.error().kind, base::ErrorKind::kNotFound);
  });
}

TEST_F(FeedTest, JoiningInTheMiddleOfAMessageGivesTheTextSoFar) {
  with_feed([&](Feed& feed) -> Task<> {
    EXPECT_TRUE(co_await feed.prepare("r"));
    feed.message_start("r", "m1", model::Role::kCoder);
    feed.content_delta("r", "m1", "Héllo 😀");
    Reader reader(loop_.executor());
    co_await open(feed, reader);
    EXPECT_TRUE(co_await reader.until_event("content-delta"));
    EXPECT_EQ(base::parse_json_object(reader.found().data)->at("delta").as_string(), "Héllo 😀");
    feed.content_delta("r", "m1", "!");
    EXPECT_TRUE(co_await reader.until_event("content-delta"));
    EXPECT_EQ(base::parse_json_object(reader.found().data)->at("offset").as_int64(), 8) << "in UTF-16 code units";
    model::Message message{.id = "m1", .run_id = "r", .sender = model::Sender::kAgent, .content = "Héllo 😀!"};
    store::Commit commit;
    commit.changes.emplace_back(store::AppendMessage{std::move(message), true, false});
    EXPECT_TRUE(co_await feed.commit(std::move(commit)));
    Reader late(loop_.executor());
    co_await open(feed, late);
    EXPECT_TRUE(co_await late.until_event("state"));
    EXPECT_EQ(late.contents(), std::vector<std::string>{"Héllo 😀!"});
  });
}

TEST_F(FeedTest, AReceiptIsTold) {
  with_feed([&](Feed& feed) -> Task<> {
    const auto message = co_await say(feed, "hello", model::Sender::kUser);
    Reader reader(loop_.executor());
    co_await open(feed, reader);
    EXPECT_TRUE(co_await reader.until_event("state"));
    EXPECT_NE(reader.found().data.find(message.id), std::string::npos) << "undelivered until its receipt";
    store::Commit commit;
    commit.changes.emplace_back(store::UpdateMessage{"r", message.timestamp, clock_.now(), {}});
    EXPECT_TRUE(co_await feed.commit(std::move(commit)));
    EXPECT_TRUE(co_await reader.until_event("message-updated"));
    EXPECT_NE(reader.found().data.find("deliveredAt"), std::string::npos);
    Reader late(loop_.executor());
    co_await open(feed, late);
    EXPECT_TRUE(co_await late.until_event("state"));
    EXPECT_NE(late.found().data.find(R"("undelivered":[])"), std::string::npos);
  });
}

TEST_F(FeedTest, ManyReadersThatComeAndGoMissNothingAndGetNothingTwice) {
  with_feed([&](Feed& feed) -> Task<> {
    constexpr int kMessages = 300;
    std::vector<std::unique_ptr<Reader>> readers;
    std::vector<std::string> expected;
    for (int i = 0; i < kMessages; ++i) {
      if (i % 10 == 0) {
        readers.push_back(std::make_unique<Reader>(loop_.executor()));
        co_await open(feed, *readers.back());
      }
      expected.push_back("message " + std::to_string(i));
      co_await say(feed, expected.back());
    }
    co_await end(feed);
    for (const auto& reader : readers) {
      EXPECT_TRUE(co_await reader->until_event("close"));
      EXPECT_EQ(reader->contents(), expected);
    }
  });
}

TEST_F(FeedTest, AReaderThatTakesNothingIsRefilledFromTheStoreAndLosesNothing) {
  with_feed([&](Feed& feed) -> Task<> {
    Reader slow(loop_.executor());
    slow.shrink();
    co_await open(feed, slow);
    EXPECT_TRUE(co_await slow.until_event("state"));
    // Three times what a topic keeps for its readers.
    const std::string filler(100'000, 'x');
    std::vector<std::string> expected;
    for (int i = 0; i < 250; ++i) {
      expected.push_back(std::to_string(i) + filler);
      co_await say(feed, expected.back());
    }
    co_await end(feed);
    EXPECT_TRUE(co_await slow.until_event("close"));
    const auto got = slow.contents();
    EXPECT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i)
      EXPECT_TRUE(got[i] == expected[i]) << i << " " << got[i].substr(0, 8);
  });
}

TEST_F(FeedTest, AReaderThatGoesIsForgotten) {
  with_feed([&](Feed& feed) -> Task<> {
    Reader reader(loop_.executor());
    co_await open(feed, reader);
    EXPECT_TRUE(co_await reader.until_event("state"));
    EXPECT_EQ(feed.counts().readers, 1u);
    reader.close();
    while (feed.counts().readers > 0) co_await runtime::sleep_for(1ms);
  });
}

TEST(Ring, KeepsOffsetsThroughCutsAndTellsWhereAReaderStands) {
  Ring ring({5});
  ring.append("aaaa", {10});
  ring.append("bb", {});
  ring.append("cccc", {20});
  EXPECT_EQ(ring.from(4), "bbcccc");
  EXPECT_EQ(ring.place(0).position.micros, 5) << "nothing of the first event was sent";
  EXPECT_EQ(ring.place(2).rest, "aa");
  EXPECT_EQ(ring.place(2).position.micros, 10);
  EXPECT_EQ(ring.place(7).rest, "ccc");
  EXPECT_EQ(ring.place(7).position.micros, 20);
  ring.cut_to(5);
  EXPECT_EQ(ring.base(), 4u) << "whole events only";
  EXPECT_EQ(ring.place(4).position.micros, 10);
  ring.cut_to(ring.head());
  EXPECT_EQ(ring.size(), 0u);
  ring.append("d", {});
  EXPECT_EQ(ring.from(10), "d");
}

}  // namespace
}  // namespace omakase::feed
