// A feed over the real store, and readers at the other end of real sockets.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "feed/feed.h"
#include "net/sse.h"
#include "runtime/loop.h"
#include "store/sqlite/sqlite_store.h"

namespace omakase::feed {

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
    feed.open_stream(reader.theirs(), *plan);
    co_return *plan;
  }

  base::ManualClock clock_;
  Loop loop_;
  std::filesystem::path folder_;
  std::unique_ptr<store::sqlite::SqliteStore> store_;
};

}  // namespace omakase::feed
