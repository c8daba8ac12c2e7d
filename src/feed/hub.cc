#include "feed/hub.h"

#include <unistd.h>

#include "base/log.h"

namespace omakase::feed {

namespace {
constexpr std::uint64_t kMaxLagBytes = 256 * 1024;
constexpr auto kMaxWait = std::chrono::milliseconds(250);
}  // namespace

Hub::Hub(runtime::Executor executor, TopicSource& source, std::size_t stream_threads)
    : executor_(std::move(executor)), source_(source), fillings_tasks_(executor_) {
  for (std::size_t i = 0; i < std::max<std::size_t>(stream_threads, 1); ++i)
    loops_.push_back(std::make_unique<StreamLoop>(callbacks()));
}

Hub::~Hub() = default;

// Called on a stream thread; each carries its news to the Loop's thread.
StreamLoop::Callbacks Hub::callbacks() {
  const auto on_loop = [this](auto function) {
    runtime::asio::post(executor_, [this, function = std::move(function)]() mutable {
      if (!stopped_) function();
    });
  };
  return {
      .on_drained =
          [this, on_loop](ReaderId reader) {
            on_loop([this, reader] {
              if (const auto found = fillings_.find(reader); found != fillings_.end()) {
                found->second->drained = true;
                found->second->changed.notify();
              }
            });
          },
      .on_lost = [this, on_loop](ReaderId reader,
                                 Timestamp position) { on_loop([this, reader, position] { on_lost(reader, position); }); },
      .on_gone = [this, on_loop](ReaderId reader, TopicId topic) { on_loop([this, reader, topic] { on_gone(reader, topic); }); },
      .on_caught_up =
          [this, on_loop](TopicId topic) {
            on_loop([this, topic] {
              const auto name = names_.find(topic);
              if (name == names_.end()) return;
              if (auto& signal = topics_.at(name->second).caught_up) signal->notify();
            });
          }};
}

void Hub::subscribe(std::string topic, int fd, Timestamp since, std::string preamble) {
  if (stopped_) {
    close(fd);
    return;
  }
  const ReaderId reader = next_reader_++;
  auto [entry, fresh] = topics_.try_emplace(topic);
  if (fresh) {
    entry->second.id = next_topic_++;
    names_[entry->second.id] = topic;
  }
  ++entry->second.readers;
  ++reader_count_;
  topic_of_[reader] = entry->second.id;
  fillings_tasks_.spawn("stream", fill(reader, std::move(topic), fd, since, std::move(preamble)));
}

Task<> Hub::fill(ReaderId reader, std::string topic, int fd, Timestamp since, std::string preamble) {
  const auto filling = std::make_shared<Filling>(executor_);
  fillings_[reader] = filling;
  struct Leave {
    Hub& hub;
    ReaderId id;
    ~Leave() { hub.fillings_.erase(id); }
  } leave{*this, reader};
  const auto entry = topics_.find(topic);
  if (entry == topics_.end()) co_return;
  StreamLoop& loop = loop_of(reader);

  // One step, without a co_await: the place in the ring, the store's head, and what has no id.
  const Timestamp until = source_.published();
  TopicSource::Snapshot snapshot = source_.snapshot(topic);
  loop.post(StreamLoop::Attach{reader, entry->second.id, fd, until, entry->second.gauge});

  std::string frames = std::move(preamble);
  while (since < until) {
    auto page = co_await source_.replay(topic, since, until);
    if (!page) {
      base::log_warn("stream closed: the store did not answer", {{"topic", topic}, {"error", page.error().detail}});
      loop.post(StreamLoop::Drop{reader});
      co_return;
    }
    frames += page->frames;
    since = page->end ? until : page->position;
    if (page->end) break;
    filling->drained = false;
    loop.post(StreamLoop::Feed{reader, std::exchange(frames, {}), true});
    while (!filling->drained && !filling->gone) co_await filling->changed.wait();
    if (filling->gone) co_return;
  }
  if (!frames.empty()) loop.post(StreamLoop::Feed{reader, std::move(frames), false});
  loop.post(StreamLoop::Release{reader, until, std::move(snapshot.frames), snapshot.over});
}

void Hub::on_lost(ReaderId reader, Timestamp position) {
  const auto topic = topic_of_.find(reader);
  if (topic == topic_of_.end()) return;
  fillings_tasks_.spawn("stream refill", fill(reader, names_.at(topic->second), -1, position, {}));
}

void Hub::on_gone(ReaderId reader, TopicId id) {
  topic_of_.erase(reader);
  --reader_count_;
  if (const auto found = fillings_.find(reader); found != fillings_.end()) {
    found->second->gone = true;
    found->second->changed.notify();
  }
  const auto name = names_.find(id);
  if (name == names_.end()) return;
  const auto topic = topics_.find(name->second);
  if (--topic->second.readers > 0) return;
  if (topic->second.caught_up) topic->second.caught_up->notify();
  const std::string left = std::move(name->second);
  topics_.erase(topic);
  names_.erase(name);
  source_.unread(left);
}

void Hub::publish(const std::string& topic, std::string frame, Timestamp stored, bool close) {
  const auto entry = topics_.find(topic);
  if (entry == topics_.end() || stopped_) return;
  const Topic& to = entry->second;
  to.gauge->queued += frame.size() * loops_.size();
  for (std::size_t i = 1; i < loops_.size(); ++i) {
    loops_[i]->post(StreamLoop::Publish{to.id, frame, stored, to.gauge, close});
  }
  loops_.front()->post(StreamLoop::Publish{to.id, std::move(frame), stored, to.gauge, close});
}

Task<> Hub::wait_for_readers(std::string topic) {
  const auto entry = topics_.find(topic);
  if (entry == topics_.end()) co_return;
  const auto gauge = entry->second.gauge;
  if (gauge->behind() <= kMaxLagBytes) co_return;
  if (!entry->second.caught_up) entry->second.caught_up = std::make_shared<runtime::Signal>(executor_);
  const auto caught_up = entry->second.caught_up;
  const auto deadline = std::chrono::steady_clock::now() + kMaxWait;
  while (gauge->behind() > kMaxLagBytes) {
    gauge->awaited = true;
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= runtime::Duration::zero() || !topics_.contains(topic)) co_return;
    co_await caught_up->wait_for(left);
  }
}

Task<> Hub::stop() {
  stopped_ = true;
  loops_.clear();
  for (auto& [reader, filling] : fillings_) {
    filling->gone = true;
    filling->changed.notify();
  }
  fillings_tasks_.cancel();
  co_await fillings_tasks_.join();
}

}  // namespace omakase::feed
