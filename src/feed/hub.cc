#include "feed/hub.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"

namespace omakase::feed {

namespace {
constexpr std::uint64_t kMaxLagBytes = 256 * 1024;
constexpr auto kMaxWait = std::chrono::milliseconds(250);
// The ring that carries many topics is a topic of its own, by a name that no other has.
const std::string kTogether = "together";
}  // namespace

Hub::Hub(runtime::Executor executor, TopicSource& source, std::size_t stream_threads, std::size_t ring_bytes)
    : executor_(std::move(executor)), source_(source), fillings_tasks_(executor_) {
  for (std::size_t i = 0; i < std::max<std::size_t>(stream_threads, 1); ++i)
    loops_.push_back(std::make_unique<StreamLoop>(callbacks(), StreamLoop::Options{stream_threads == 0, ring_bytes}));
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

ReaderId Hub::add_reader(const std::string& topic, StreamOwner owner) {
  const ReaderId reader = next_reader_++;
  auto [entry, fresh] = topics_.try_emplace(topic);
  if (fresh) {
    entry->second.id = next_topic_++;
    names_[entry->second.id] = topic;
  }
  ++entry->second.readers;
  readers_[reader] = {entry->second.id, owner};
  if (owner.client != 0) ++readers_of_[owner.client];
  return reader;
}

void Hub::subscribe(std::string topic, int fd, Timestamp since, std::string preamble, StreamOwner owner) {
  if (stopped_) {
    close(fd);
    return;
  }
  fillings_tasks_.spawn("stream", fill(add_reader(topic, owner), fd, since, std::move(preamble)));
}

void Hub::subscribe(std::vector<TopicRange> topics, int fd, Timestamp since, std::string preamble, StreamOwner owner) {
  if (stopped_) {
    close(fd);
    return;
  }
  const ReaderId reader = add_reader(kTogether, owner);
  auto selection = std::make_unique<Selection>(Selection{{}, topics.size()});
  selection->parts.reserve(topics.size());
  for (const TopicRange& range : topics) selection->parts.push_back({add_tag(range.topic), range.since});
  selections_.emplace(reader, std::move(selection));
  fillings_tasks_.spawn("stream", fill(reader, fd, since, std::move(preamble)));
}

TagId Hub::add_tag(const std::string& topic) {
  auto [tag, fresh] = tags_.try_emplace(topic);
  if (fresh) {
    tag->second.id = next_tag_++;
    tag_names_[tag->second.id] = topic;
  }
  ++tag->second.readers;
  return tag->second.id;
}

Task<bool> Hub::prepare(std::vector<TopicRange> topics) {
  for (const TopicRange& range : topics) {
    if (const auto prepared = co_await source_.load_topic(range.topic); !prepared) {
      base::log_warn("stream closed: the store did not answer", {{"topic", range.topic}, {"error", prepared.error().detail}});
      co_return false;
    }
  }
  co_return true;
}

Task<> Hub::fill(ReaderId reader, int fd, Timestamp since, std::string preamble) {
  const auto filling = std::make_shared<Filling>(executor_);
  fillings_[reader] = filling;
  struct Leave {
    Hub& hub;
    ReaderId id;
    ~Leave() { hub.fillings_.erase(id); }
  } leave{*this, reader};
  const auto read = readers_.find(reader);
  if (read == readers_.end()) co_return;
  const TopicId topic_id = read->second.topic;
  const auto selected = selections_.find(reader);
  Selection* selection = selected == selections_.end() ? nullptr : selected->second.get();
  std::vector<TopicRange> ranges;
  std::vector<TagId> tags;
  if (selection) {
    for (const auto& [tag, begin] : selection->parts) {
      ranges.push_back({tag_names_.at(tag), std::max(begin, since)});
      tags.push_back(tag);
    }
    std::ranges::sort(tags);
  } else {
    ranges.push_back({names_.at(topic_id), since});
  }
  StreamLoop& loop = loop_of(reader);
  const bool prepared = co_await prepare(ranges);
  if (filling->gone || filling->unwanted || !prepared) {
    if (fd >= 0) {
      close(fd);
      on_gone(reader, topic_id);
    } else if (!filling->gone) {
      loop.post(StreamLoop::Drop{reader});
    }
    co_return;
  }

  // One step, without a co_await: the place in the ring, the store's head, and what has no id.
  const Timestamp until = source_.published();
  std::string now;
  std::size_t over = 0;
  for (const TopicRange& range : ranges) {
    const TopicSource::Snapshot snapshot = source_.snapshot(range.topic);
    for (const Event& event : snapshot.events) now += selection ? frame_in(range.topic, event) : frame(event);
    over += snapshot.over ? 1 : 0;
  }
  loop.post(StreamLoop::Attach{reader, topic_id, fd, until, topics_.at(names_.at(topic_id)).gauge, std::move(tags)});
  if (selection) selection->open = ranges.size() - over;

  Replay replay(source_, ranges, until, selection != nullptr);
  std::string frames = std::move(preamble);
  while (!replay.ended()) {
    auto page = co_await replay.next();
    if (filling->gone) co_return;
    if (!page) {
      base::log_warn("stream closed: the store did not answer", {{"error", page.error().detail}});
      loop.post(StreamLoop::Drop{reader});
      co_return;
    }
    frames += *page;
    if (replay.ended()) break;
    filling->drained = false;
    loop.post(StreamLoop::Feed{reader, std::exchange(frames, {}), true});
    while (!filling->drained && !filling->gone) co_await filling->changed.wait();
    if (filling->gone) co_return;
  }
  if (!frames.empty()) loop.post(StreamLoop::Feed{reader, std::move(frames), false});
  loop.post(StreamLoop::Release{reader, until, std::move(now), filling->unwanted || over == ranges.size()});
}

FeedCounts Hub::counts() const {
  FeedCounts counts{.readers = readers_.size(), .opened = next_reader_ - 1, .refilled = refilled_, .events = events_};
  for (const auto& loop : loops_) {
    counts.stalled += loop->counts().stalled;
    counts.sent_bytes += loop->counts().sent_bytes;
  }
  for (const auto& [name, topic] : topics_) counts.most_lag_bytes = std::max(counts.most_lag_bytes, topic.gauge->behind());
  return counts;
}

std::size_t Hub::readers_of(std::uint64_t client) const {
  const auto found = readers_of_.find(client);
  return found == readers_of_.end() ? 0 : found->second;
}

bool Hub::has_readers_of(std::uint64_t login) const {
  return std::ranges::any_of(readers_, [&](const auto& one) { return one.second.owner.login == login; });
}

void Hub::end_readers_of(std::uint64_t login) {
  for (const auto& [id, reader] : readers_) {
    if (reader.owner.login != login) continue;
    // One that is being filled may not have its place in the loop yet.
    if (const auto filling = fillings_.find(id); filling != fillings_.end()) filling->second->unwanted = true;
    loop_of(id).post(StreamLoop::Close{id});
  }
}

void Hub::on_lost(ReaderId reader, Timestamp position) {
  if (!readers_.contains(reader)) return;
  ++refilled_;
  fillings_tasks_.spawn("stream refill", fill(reader, -1, position, {}));
}

void Hub::on_gone(ReaderId reader, TopicId id) {
  const auto left_by = readers_.find(reader);
  const std::uint64_t client = left_by->second.owner.client;
  readers_.erase(left_by);
  if (const auto of = readers_of_.find(client); of != readers_of_.end() && --of->second == 0) readers_of_.erase(of);
  if (const auto found = fillings_.find(reader); found != fillings_.end()) {
    found->second->gone = true;
    found->second->changed.notify();
  }
  if (const auto selected = selections_.find(reader); selected != selections_.end()) {
    const auto selection = std::move(selected->second);
    selections_.erase(selected);
    forget(*selection);
  }
  const auto name = names_.find(id);
  if (name == names_.end()) return;
  const auto topic = topics_.find(name->second);
  if (--topic->second.readers > 0) return;
  if (topic->second.caught_up) topic->second.caught_up->notify();
  const std::string left = std::move(name->second);
  topics_.erase(topic);
  names_.erase(name);
  if (left != kTogether) source_.unread(left);
}

void Hub::forget(const Selection& selection) {
  for (const Selection::Part& part : selection.parts) {
    const auto name = tag_names_.find(part.tag);
    const auto tag = tags_.find(name->second);
    if (--tag->second.readers > 0) continue;
    const std::string left = std::move(name->second);
    tags_.erase(tag);
    tag_names_.erase(name);
    source_.unread(left);
  }
}

void Hub::publish(const std::string& topic, const Event& event, bool close) {
  if (stopped_) return;
  if (const auto entry = topics_.find(topic); entry != topics_.end()) post(entry->second, 0, frame(event), event.stored, close);
  const auto tag = tags_.find(topic);
  if (tag == tags_.end()) return;
  post(topics_.at(kTogether), tag->second.id, frame_in(topic, event), event.stored, false);
  if (close) end_tag(tag->second.id);
}

void Hub::post(const Topic& to, TagId tag, std::string frame, Timestamp stored, bool close) {
  ++events_;
  to.gauge->queued += frame.size() * loops_.size();
  for (std::size_t i = 1; i < loops_.size(); ++i) {
    loops_[i]->post(StreamLoop::Publish{to.id, frame, stored, to.gauge, close, tag});
  }
  loops_.front()->post(StreamLoop::Publish{to.id, std::move(frame), stored, to.gauge, close, tag});
}

// A topic is over: the streams of which it was the last end after it.
void Hub::end_tag(TagId tag) {
  for (auto& [reader, selection] : selections_) {
    if (std::ranges::find(selection->parts, tag, &Selection::Part::tag) == selection->parts.end()) continue;
    if (--selection->open == 0) loop_of(reader).post(StreamLoop::Close{reader});
  }
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
