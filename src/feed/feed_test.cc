// The feed over the real store, read through real sockets.
#include "feed/feed.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <gtest/gtest.h>

#include <filesystem>

#include "feed/ring.h"
#include "net/sse.h"
#include "runtime/loop.h"
#include "store/sqlite/sqlite_store.h"

namespace omakase::feed {
namespace {

using runtime::Loop;
using std::chrono_literals::operator""ms;

// One end of a socket pair is given to the feed; the test reads the other.
class Reader {
 public:
  explicit Reader(runtime::Executor executor) : socket_(executor) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    socket_.assign({}, ends[0]);
    theirs_ = ends[1];
  }

  int theirs() const { return theirs_; }
  void shrink() const {
    const int bytes = 4096;
    setsockopt(theirs_, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  }
  void close() { socket_.close(); }

  // Reads until an event fulfils `enough`; false at the stream's end.
  template <typename Enough>
  Task<bool> until(Enough enough) {
    for (;;) {
      for (; at_ < events.size(); ++at_) {
        if (enough(events[at_])) {
          ++at_;
          co_return true;
        }
      }
      std::array<char, 65536> piece;
      auto [ec, n] = co_await socket_.async_read_some(boost::asio::buffer(piece), runtime::use_tuple);
      if (ec) co_return false;
      reader_.feed({piece.data(), n});
    }
  }
  Task<bool> until_event(std::string name) {
    co_return co_await until([&](const net::SseEvent& event) { return event.event == name; });
  }

  // The event that the last until() found.
  const net::SseEvent& found() const { return events.at(at_ - 1); }

  std::vector<std::string> contents() const {
    std::vector<std::string> all;
    for (const auto& event : events) {
      if (event.event == "message")
        all.emplace_back(base::string_or_empty(base::parse_json_object(event.data).value(), "content"));
    }
    return all;
  }

  std::vector<net::SseEvent> events;

 private:
  boost::asio::local::stream_protocol::socket socket_;
  int theirs_ = -1;
  net::SseReader reader_{[this](const net::SseEvent& event) { events.push_back(event); }};
  std::size_t at_ = 0;
};

class FeedTest : public testing::Test {
 protected:
  FeedTest() : folder_(std::filesystem::temp_directory_path() / ("omakase-feed-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    auto opened = store::sqlite::SqliteStore::open(folder_, loop_.executor(), clock_);
    EXPECT_TRUE(opened);
    store_ = *std::move(opened);
  }
  ~FeedTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Runs `script` with a feed and an active run "r".
  template <typename Script>
  void with_feed(Script script) {
    runtime::run_task(loop_, [](FeedTest& test, Script inner) -> Task<> {
      Feed feed(test.loop_.executor(), test.store_->messages(), 1);
      EXPECT_TRUE(co_await feed.start());
      model::Project project{.id = "p", .name = "p", .created_at = test.clock_.now()};
      EXPECT_TRUE(co_await test.store_->catalog().create_project(project));
      model::Run run{.id = "r", .agent_name = "nori", .project_id = "p", .started_at = test.clock_.now()};
      store::Commit commit;
      commit.changes.emplace_back(store::StartRun{run});
      EXPECT_TRUE(co_await feed.commit(std::move(commit)));
      co_await inner(feed);
      co_await feed.stop();
    }(*this, std::move(script)));
  }

  static Task<model::Message> say(Feed& feed, std::string content, model::Sender sender = model::Sender::kAgent) {
    model::Message message{.id = "m-" + content.substr(0, 20), .run_id = "r", .sender = sender, .content = std::move(content)};
    store::Commit commit;
    commit.changes.emplace_back(store::AppendMessage{std::move(message), true, false});
    auto committed = co_await feed.commit(std::move(commit));
    EXPECT_TRUE(committed);
    co_return committed->appended.front();
  }
  static Task<> end(Feed& feed) {
    store::Commit commit;
    commit.changes.emplace_back(store::UpdateRun{.run_id = "r", .status = model::RunStatus::kCompleted});
    EXPECT_TRUE(co_await feed.commit(std::move(commit)));
  }
  static Task<StreamPlan> open(Feed& feed, Reader& reader, std::optional<std::string> cursor = {},
                               std::optional<std::size_t> tail = {}) {
    auto plan = co_await feed.plan_stream({.run_id = "r", .last_event_id = std::move(cursor), .tail = tail});
    EXPECT_TRUE(plan);
    feed.open_stream("r", reader.theirs(), *plan);
    co_return *plan;
  }

  base::ManualClock clock_;
  Loop loop_;
  std::filesystem::path folder_;
  std::unique_ptr<store::sqlite::SqliteStore> store_;
};

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
    EXPECT_EQ(feed.stream_count(), 1u);
    reader.close();
    while (feed.stream_count() > 0) co_await runtime::sleep_for(1ms);
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
