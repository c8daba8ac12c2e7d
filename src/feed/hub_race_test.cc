// Streams that open, are cut, lag and resume while events are published, under a scheduler that a seed decides: which side goes
// on next, and for how long. Every reader must have had everything once and in order. OMAKASE_SEEDS says how many seeds.
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include "base/json.h"
#include "feed/hub.h"
#include "net/sse.h"
#include "runtime/loop.h"

namespace omakase::feed {
namespace {

namespace json = boost::json;
using runtime::Loop;

constexpr int kTopics = 3;

std::string topic_name(int topic) { return run_topic(std::to_string(topic)); }

// What is stored, by topic; reading it takes as many turns of the loop as the seed says.
class Store final : public TopicSource {
 public:
  Store(Loop& loop, std::mt19937& random) : loop_(loop), random_(random) {}

  Task<Result<void>> load_topic(std::string) override {
    co_await dawdle();
    co_return Result<void>();
  }
  Timestamp published() const override { return published_; }
  Task<Result<Page>> replay(std::string topic, Timestamp since, Timestamp until, Limit) override {
    co_await dawdle();
    Page page{{}, true};
    for (const Timestamp at : stored[topic]) {
      if (at <= since || at > until) continue;
      if (page.events.size() == 2) {
        page.end = false;
        break;
      }
      page.events.push_back(event(topic, at));
    }
    co_await dawdle();
    co_return page;
  }
  Snapshot snapshot(const std::string&) override { return {{{"state", "{}", {}, {}}}, false}; }
  void unread(const std::string&) override {}

  // The next message, stored; not yet published.
  Event append(const std::string& topic) {
    const Timestamp at{published_.micros + 1};
    stored[topic].push_back(at);
    published_ = at;
    return event(topic, at);
  }
  static Event event(const std::string& topic, Timestamp at) {
    // Some are larger than a socket takes at once.
    const std::string filler(static_cast<std::size_t>(at.micros * 7919 % 2600), 'x');
    return {"message", json::serialize(json::object{{"topic", topic}, {"at", at.micros}, {"filler", filler}}), at, {}};
  }

  std::map<std::string, std::vector<Timestamp>> stored;

 private:
  Task<> dawdle() {
    for (auto turns = random_() % 4; turns > 0; --turns)
      co_await runtime::asio::post(loop_.executor(), runtime::asio::use_awaitable);
  }

  Loop& loop_;
  std::mt19937& random_;
  Timestamp published_;
};

class Client {
 public:
  Client(Hub& hub, std::vector<int> topics) : hub_(hub), topics_(std::move(topics)) { connect(); }
  ~Client() { close(ours_); }

  // With the cursor that it has, as a browser does.
  void connect() {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    ours_ = ends[0];
    const int bytes = 2304;  // the least there is: a few events
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    reader_ = std::make_unique<net::SseReader>([this](const net::SseEvent& event) { on_event(event); });
    const Timestamp since = base::parse_timestamp(cursor_).value_or(Timestamp{});
    if (topics_.size() == 1) {
      hub_.subscribe(topic_name(topics_.front()), ends[1], since, {});
      return;
    }
    std::vector<TopicRange> ranges;
    for (const int topic : topics_) ranges.push_back({topic_name(topic), {}});
    hub_.subscribe(std::move(ranges), ends[1], since, {});
  }
  void cut() {
    close(ours_);
    connect();
  }
  bool read(std::size_t bytes) {
    std::string piece(bytes, '\0');
    const ssize_t got = recv(ours_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got > 0) reader_->feed({piece.data(), static_cast<std::size_t>(got)});
    return got > 0;
  }

  const std::vector<int>& topics() const { return topics_; }
  const std::vector<std::int64_t>& got() const { return got_; }

 private:
  void on_event(const net::SseEvent& event) {
    json::object data = base::parse_json_object(event.data).value();
    if (topics_.size() > 1 && data.contains("data")) data = json::object(data.at("data").as_object());
    if (!data.contains("at")) return;  // a state, a ping
    cursor_ = event.id;
    got_.push_back(data.at("at").as_int64());
  }

  Hub& hub_;
  std::vector<int> topics_;
  int ours_ = -1;
  std::string cursor_;
  std::unique_ptr<net::SseReader> reader_;
  std::vector<std::int64_t> got_;
};

using Clients = std::vector<std::unique_ptr<Client>>;

// Until nothing has happened for a while: a page takes some turns.
void settle(Loop& loop, Hub& hub, const Clients& reading) {
  for (int quiet = 0; quiet < 12; ++quiet) {
    loop.io().restart();
    if (loop.io().poll() > 0) quiet = 0;
    hub.turn();
    for (const auto& client : reading) {
      if (client->read(65536)) quiet = 0;
    }
  }
}

std::vector<std::int64_t> all_of(Store& store, const Client& client) {
  std::vector<std::int64_t> all;
  for (const int topic : client.topics()) {
    for (const Timestamp at : store.stored[topic_name(topic)]) all.push_back(at.micros);
  }
  std::ranges::sort(all);
  return all;
}

void play(unsigned seed) {
  std::mt19937 random(seed);
  Loop loop;
  Store store(loop, random);
  // In every other game the ring is so small that whoever is slow falls out of it.
  Hub hub(loop.executor(), store, 0, seed % 2 == 0 ? kMaxRingBytes : 5000);
  Clients clients;
  const auto some = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most)); };
  const auto publish = [&] {
    const std::string topic = topic_name(some(kTopics));
    hub.publish(topic, store.append(topic));
  };
  const std::vector<std::vector<int>> sets{{0}, {1}, {0, 1}, {1, 2}, {0, 1, 2}};
  for (int step = 0; step < 100; ++step) {
    switch (some(8)) {
      case 0:
        if (clients.size() < 4) clients.push_back(std::make_unique<Client>(hub, sets[random() % sets.size()]));
        break;
      case 1:
      case 2: publish(); break;
      case 3:
      case 4: loop.io().poll_one(); break;
      case 5: hub.turn(); break;
      case 6:
        if (!clients.empty()) clients[random() % clients.size()]->read(1 + random() % 3000);
        break;
      case 7:
        if (!clients.empty() && some(4) == 0) clients[random() % clients.size()]->cut();
        break;
    }
    loop.io().restart();
  }
  settle(loop, hub, clients);
  for (const auto& client : clients) EXPECT_EQ(client->got(), all_of(store, *client)) << "seed " << seed;
  clients.clear();
  runtime::run_task(loop, hub.stop());
}

TEST(HubRace, NobodyMissesAnythingOrGetsItTwiceWhateverComesBetween) {
  const char* wanted = std::getenv("OMAKASE_SEEDS");
  const unsigned seeds = wanted ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : 300;
  for (unsigned seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) play(seed);
}

// What it has of its past was published when nobody read it: the ring does not know of it.
TEST(HubRace, AStreamThatFallsBehindRightAfterItsPastDoesNotGetThePastAgain) {
  std::mt19937 random(1);
  Loop loop;
  Store store(loop, random);
  Hub hub(loop.executor(), store, 0, 5000);
  const auto publish = [&](int topic) { hub.publish(topic_name(topic), store.append(topic_name(topic))); };
  Clients clients;
  clients.push_back(std::make_unique<Client>(hub, std::vector{1, 2}));
  settle(loop, hub, clients);
  for (int i = 0; i < 20; ++i) publish(0);
  clients.push_back(std::make_unique<Client>(hub, std::vector{0, 1}));
  settle(loop, hub, {});
  for (int i = 0; i < 20; ++i) publish(1);
  settle(loop, hub, {});
  settle(loop, hub, clients);
  for (const auto& client : clients) EXPECT_EQ(client->got(), all_of(store, *client));
  clients.clear();
  runtime::run_task(loop, hub.stop());
}

}  // namespace
}  // namespace omakase::feed
