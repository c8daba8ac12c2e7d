#include "feed/stream_loop.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "base/log.h"
#include "net/sse.h"

namespace omakase::feed {

namespace {

constexpr std::size_t kSlice = 64;  // readers served between two looks at commands and sockets
constexpr std::size_t kMaxSendBytes = 256 * 1024;
constexpr std::size_t kMaxPieces = 64;      // of one send
constexpr std::int64_t kStallMs = 20'000;   // without a byte taken, while there is something to take
constexpr std::int64_t kHealthyMs = 1'000;  // took a byte that recently: senders wait for it
constexpr unsigned kPingSlots = 15;         // one slot a second: each reader gets a ping every 15 s

std::int64_t monotonic_ms() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

ssize_t send_pieces(int fd, std::span<const std::string_view> pieces) {
  std::array<iovec, kMaxPieces> parts;
  std::size_t left = kMaxSendBytes;
  msghdr message{};
  message.msg_iov = parts.data();
  for (const std::string_view piece : pieces) {
    const std::size_t size = std::min(piece.size(), left);
    parts[message.msg_iovlen++] = {const_cast<char*>(piece.data()), size};  // a send reads only
    left -= size;
    if (left == 0) break;
  }
  return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace

struct StreamLoop::Reader {
  ReaderId id;
  int fd;
  std::uint32_t place = 0;  // in the topic's list
  Topic* topic;
  std::uint64_t cursor = 0;
  std::string pending = {};                             // goes out before anything of the ring
  std::size_t sent = 0;                                 // of pending
  std::int64_t progress_ms;                             // when it last took a byte or had nothing to take
  base::Timestamp filled = {};                          // the last stored message that it had when it was released
  std::unique_ptr<const std::vector<TagId>> tags = {};  // null: it wants every event of the ring
  bool held = true;
  bool lost = false;  // fell out of the ring while held
  bool tell = false;
  bool close = false;
  bool blocked = false;
};

struct StreamLoop::Topic {
  TopicId id;
  Ring ring;
  std::shared_ptr<TopicGauge> gauge;
  std::vector<Reader*> readers;
  std::size_t next = 0;  // of the slice under way
  bool dirty = false;
  bool again = false;  // the list changed during the pass
  bool closing = false;
};

StreamLoop::StreamLoop(Callbacks callbacks, Options options)
    : callbacks_(std::move(callbacks)), ring_bytes_(options.ring_bytes), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event wake{.events = EPOLLIN, .data = {.ptr = nullptr}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, commands_.fd(), &wake);
  if (!options.by_hand) worker_ = std::make_unique<runtime::Worker>("streams", [this] { run(); });
}

StreamLoop::~StreamLoop() {
  stopping_ = true;
  post(Drop{0});
  if (worker_) worker_->join();
  for (auto& [id, reader] : readers_) ::close(reader->fd);
  ::close(epoll_);
}

void StreamLoop::run() {
  while (!stopping_) turn(!dirty_.empty() ? 0 : readers_.empty() ? -1 : 1000);
}

void StreamLoop::turn(int timeout_ms) {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_, events.data(), events.size(), timeout_ms);
  now_ms_ = monotonic_ms();
  for (int i = 0; i < count; ++i) {
    const auto id = events[static_cast<std::size_t>(i)].data.u64;
    // An event for a reader that this round has already removed finds nobody.
    if (Reader* reader = find(id)) on_socket(*reader, events[static_cast<std::size_t>(i)].events);
  }
  run_commands();
  serve_slices();
  if (now_ms_ >= next_tick_ms_) tick();
}

void StreamLoop::run_commands() {
  auto commands = commands_.take_all();
  for (Command& command : commands) {
    std::visit([this](auto& one) { apply(one); }, command);
  }
}

StreamLoop::Reader* StreamLoop::find(ReaderId id) {
  const auto found = readers_.find(id);
  return found == readers_.end() ? nullptr : found->second.get();
}

void StreamLoop::apply(Attach& command) {
  if (command.fd < 0 && !find(command.reader)) return;
  auto& topic = topics_[command.topic];
  if (!topic) topic = std::make_unique<Topic>(Topic{command.topic, Ring(command.position), command.gauge, {}});
  Reader* reader = find(command.reader);
  if (command.fd >= 0) {
    auto made =
        std::make_unique<Reader>(Reader{.id = command.reader, .fd = command.fd, .topic = topic.get(), .progress_ms = now_ms_});
    if (!command.tags.empty()) made->tags = std::make_unique<const std::vector<TagId>>(std::move(command.tags));
    reader = readers_.emplace(command.reader, std::move(made)).first->second.get();
    reader->place = static_cast<std::uint32_t>(topic->readers.size());
    topic->readers.push_back(reader);
    epoll_event events{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = reader->id}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, reader->fd, &events) != 0) return remove(*reader);
  }
  if (!reader) return;
  reader->cursor = topic->ring.head();
  reader->held = true;
  reader->lost = false;
}

void StreamLoop::apply(Feed& command) {
  Reader* reader = find(command.reader);
  if (!reader) return;
  reader->pending += command.bytes;
  reader->tell = command.tell;
  flush(*reader);
}

void StreamLoop::apply(Release& command) {
  Reader* reader = find(command.reader);
  if (!reader) return;
  if (reader->lost) {
    // While it was filled from the store, the ring went on without it: it is filled again from where it stands. What it was to
    // get now belongs to a later moment.
    callbacks_.on_lost(reader->id, command.position);
    return;
  }
  reader->pending += command.bytes;
  reader->filled = command.position;
  reader->held = false;
  reader->close = reader->close || command.close;
  flush(*reader);
}

void StreamLoop::apply(Publish& command) {
  command.gauge->queued -= command.frame.size();
  const auto found = topics_.find(command.topic);
  if (found == topics_.end()) return;
  Topic& topic = *found->second;
  topic.gauge->lag += command.frame.size();
  topic.ring.append(command.frame, command.stored, command.tag);
  topic.closing = topic.closing || command.close;
  if (!topic.dirty) {
    topic.dirty = true;
    topic.next = 0;
    dirty_.push_back(&topic);
  } else {
    topic.again = true;
  }
  if (topic.ring.size() > ring_bytes_) lose_laggards(topic);
}

void StreamLoop::apply(Close& command) {
  Reader* reader = find(command.reader);
  if (!reader) return;
  reader->close = true;
  flush(*reader);
}

void StreamLoop::apply(Drop& command) {
  if (Reader* reader = find(command.reader)) remove(*reader);
}

void StreamLoop::on_socket(Reader& reader, std::uint32_t events) {
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
    std::array<char, 1024> drop;
    ssize_t got = 0;
    do {
      got = recv(reader.fd, drop.data(), drop.size(), MSG_DONTWAIT);
    } while (got > 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return remove(reader);
  }
  if ((events & EPOLLOUT) && reader.blocked) {
    reader.blocked = false;
    blocked_.erase(&reader);
    Topic& topic = *reader.topic;
    const ReaderId id = reader.id;
    if (flush(reader) && find(id)) settle(topic);
  }
}

// Sends what the reader has to get until the socket takes no more. False when the reader is gone.
bool StreamLoop::flush(Reader& reader) {
  if (reader.blocked) return true;
  for (;;) {
    std::array<std::string_view, kMaxPieces> pieces;
    std::size_t count = 0;
    const bool from_pending = reader.sent < reader.pending.size();
    if (from_pending) {
      pieces[count++] = std::string_view(reader.pending).substr(reader.sent);
    } else if (!reader.held && reader.tags) {
      count = reader.topic->ring.from(reader.cursor, *reader.tags, pieces, kMaxSendBytes);
    } else if (!reader.held) {
      pieces[count++] = reader.topic->ring.from(reader.cursor);
    }
    if (count == 0 || pieces[0].empty()) break;
    const ssize_t sent = send_pieces(reader.fd, {pieces.data(), count});
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) {
        remove(reader);
        return false;
      }
      reader.blocked = true;
      blocked_.insert(&reader);
      return true;
    }
    reader.progress_ms = now_ms_;
    const auto taken = static_cast<std::size_t>(sent);
    counts_.sent_bytes.fetch_add(taken, std::memory_order_relaxed);
    if (!from_pending) {
      reader.cursor = reader.tags ? reader.topic->ring.after(reader.cursor, *reader.tags, taken) : reader.cursor + taken;
      continue;
    }
    reader.sent += taken;
    if (reader.sent < reader.pending.size()) continue;
    std::string().swap(reader.pending);
    reader.sent = 0;
    if (std::exchange(reader.tell, false)) callbacks_.on_drained(reader.id);
  }
  reader.progress_ms = now_ms_;
  if (!reader.held && (reader.close || reader.topic->closing)) {
    remove(reader);
    return false;
  }
  return true;
}

void StreamLoop::serve_slices() {
  for (std::size_t i = 0; i < dirty_.size();) {
    Topic& topic = *dirty_[i];
    const std::size_t end = std::min(topic.next + kSlice, topic.readers.size());
    while (topic.next < std::min(end, topic.readers.size())) {
      Reader* reader = topic.readers[topic.next];
      // A reader that goes leaves its place to the last one, which then is served here.
      if (flush(*reader)) ++topic.next;
    }
    if (topic.next < topic.readers.size()) {
      ++i;
      continue;
    }
    settle(topic);
    if (std::exchange(topic.again, false) && !topic.readers.empty()) {
      topic.next = 0;
      ++i;
      continue;
    }
    topic.dirty = false;
    dirty_[i] = dirty_.back();
    dirty_.pop_back();
    if (topic.readers.empty()) topics_.erase(topic.id);
  }
}

// After a pass: forgets what everybody has, and tells how far the slowest reader is.
void StreamLoop::settle(Topic& topic) {
  std::uint64_t slowest = topic.ring.head();
  std::uint64_t slowest_healthy = slowest;
  for (const Reader* reader : topic.readers) {
    if (reader->lost) continue;
    slowest = std::min(slowest, reader->cursor);
    if (!reader->held && now_ms_ - reader->progress_ms < kHealthyMs) slowest_healthy = std::min(slowest_healthy, reader->cursor);
  }
  topic.ring.cut_to(slowest);
  topic.gauge->lag = topic.ring.head() - slowest_healthy;
  if (topic.gauge->awaited.exchange(false)) callbacks_.on_caught_up(topic.id);
}

// The ring is full: readers in its older half get the rest of the event they are in, and are filled from the store.
void StreamLoop::lose_laggards(Topic& topic) {
  const std::uint64_t keep = topic.ring.head() - ring_bytes_ / 2;
  for (Reader* reader : topic.readers) {
    if (reader->lost || reader->cursor >= keep) continue;
    const Ring::Place place = topic.ring.place(reader->cursor);
    reader->lost = true;
    if (!reader->held) {
      reader->pending += place.rest;
      reader->held = true;
      callbacks_.on_lost(reader->id, std::max(place.position, reader->filled));
    }
  }
  topic.ring.cut_to(keep);
}

void StreamLoop::tick() {
  next_tick_ms_ = now_ms_ + 1000;
  tick_slot_ = (tick_slot_ + 1) % kPingSlots;
  std::vector<Reader*> stalled;
  for (Reader* reader : blocked_) {
    if (now_ms_ - reader->progress_ms > kStallMs) stalled.push_back(reader);
  }
  for (Reader* reader : stalled) {
    base::log_info("stream closed: its reader took nothing for 20 s", {{"reader", reader->id}});
    counts_.stalled.fetch_add(1, std::memory_order_relaxed);
    remove(*reader);
  }
  std::vector<Reader*> due;
  for (auto& [id, reader] : readers_) {
    if (id % kPingSlots == tick_slot_) due.push_back(reader.get());
  }
  for (Reader* reader : due) ping(*reader);
}

void StreamLoop::ping(Reader& reader) {
  // Only between events: whoever is behind hears from us anyway.
  if (reader.blocked || reader.held || !reader.pending.empty() || reader.cursor != reader.topic->ring.head()) return;
  net::append_event(reader.pending, "ping", "{}");
  flush(reader);
}

void StreamLoop::remove(Reader& reader) {
  Topic& topic = *reader.topic;
  const ReaderId id = reader.id;
  blocked_.erase(&reader);
  topic.readers[reader.place] = topic.readers.back();
  topic.readers[reader.place]->place = reader.place;
  topic.readers.pop_back();
  topic.again = topic.again || topic.dirty;
  shutdown(reader.fd, SHUT_WR);
  close(reader.fd);
  readers_.erase(id);
  callbacks_.on_gone(id, topic.id);
  if (topic.readers.empty()) {
    topic.gauge->lag = 0;
    if (topic.gauge->awaited.exchange(false)) callbacks_.on_caught_up(topic.id);
    if (!topic.dirty) topics_.erase(topic.id);
  }
}

}  // namespace omakase::feed
