#include "load/reader.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "load/answer.h"
#include "load/mark.h"
#include "load/sockets.h"

namespace omakase::load {

namespace {
constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::size_t kMaxRest = 1024 * 1024;
}  // namespace

bool Reader::open(Reading& reading, std::int64_t now) {
  opened_ns_ = now;
  fd_ = open_connection(reading.options.port, stalled_);
  state_ = State::kConnecting;
  if (fd_ < 0) leave(reading);
  return fd_ >= 0;
}

void Reader::on_ready(Reading& reading, std::int64_t now, bool hung_up) {
  if (state_ == State::kConnecting) ask(reading);
  if (state_ == State::kHead && !take_head(reading, now)) return;
  if (stalled_) {
    if (hung_up && state_ != State::kGone) leave(reading);
    return;
  }
  while ((state_ == State::kReplay || state_ == State::kStanding) && take_events(reading, now, hung_up)) {
  }
}

// The connection stands: asks for the stream.
void Reader::ask(Reading& reading) {
  const std::string request = read_request(reading.options, reading.options.channels[channel_]);
  const bool sent =
      connection_stands(fd_) && send(fd_, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
  if (!sent) return leave(reading);
  state_ = State::kHead;
}

// A stalled reader must not take what follows its head, so it looks before it takes; the others do the same, once. False when
// nothing more is there.
bool Reader::take_head(Reading& reading, std::int64_t now) {
  const ssize_t got = recv(fd_, reading.buffer.data(), kMaxHead, MSG_PEEK);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  const auto head = read_head({reading.buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))});
  if (!head && got > 0 && static_cast<std::size_t>(got) < kMaxHead) return false;
  if (!head || head->status != 200) {
    if (head) ++reading.counts.statuses[head->status];
    leave(reading);
    return false;
  }
  recv(fd_, reading.buffer.data(), head->bytes, 0);
  chunked_ = head->chunked;
  state_ = State::kReplay;
  if (stalled_ || reading.options.ready_events == 0) stands(reading, now);
  return true;
}

// False when nothing more is there. Less than there was room for is all there was, but for the end of a stream that hung up.
bool Reader::take_events(Reading& reading, std::int64_t now, bool hung_up) {
  std::vector<char>& buffer = reading.buffer;
  std::memcpy(buffer.data(), rest_.data(), rest_.size());
  const std::size_t room = buffer.size() - rest_.size();
  const ssize_t got = recv(fd_, buffer.data() + rest_.size(), room, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    leave(reading);
    return false;
  }
  take(reading, static_cast<std::size_t>(got), now);
  return hung_up || static_cast<std::size_t>(got) == room;
}

// `bytes` new ones follow what was kept, in the shared buffer.
void Reader::take(Reading& reading, std::size_t bytes, std::int64_t now) {
  char* const start = reading.buffer.data();
  const std::size_t kept = rest_.size();
  if (chunked_) {
    std::size_t used = 0;
    bytes = chunks_.decode({start + kept, bytes}, used);
  }
  const std::string_view all(start, kept + bytes);
  const bool counts = reading.course.counts(now);
  if (counts) reading.counts.delivered_bytes += bytes;
  const std::size_t used = split_events(all, [&](const Event& event) { see(reading, event, now, counts); });
  rest_.assign(all.substr(used));
  if (rest_.empty()) rest_.shrink_to_fit();
  if (rest_.size() > kMaxRest || (chunked_ && (chunks_.ended() || chunks_.broken()))) return leave(reading);
  if (state_ == State::kReplay && seen_ >= reading.options.ready_events) stands(reading, now);
}

void Reader::see(Reading& reading, const Event& event, std::int64_t now, bool counts) {
  if (!event.name.empty()) return;
  ++seen_;
  const auto mark = find_mark(event.data);
  if (!mark || mark->session != reading.course.session || mark->line >= tally_.lines()) {
    ++reading.counts.replayed;
    return;
  }
  tally_.see(mark->line, mark->sequence);
  if (!counts) return;
  ++reading.counts.delivered;
  reading.counts.delivery.add(now - mark->sent_ns);
}

void Reader::stands(Reading& reading, std::int64_t now) {
  state_ = State::kStanding;
  reading.counts.connecting.add(now - opened_ns_);
}

void Reader::leave(Reading& reading) {
  ++(state_ == State::kStanding ? reading.counts.cut : reading.counts.refused);
  close();
  state_ = State::kGone;
}

void Reader::close() {
  if (fd_ >= 0) close_connection(fd_);
  fd_ = -1;
}

bool Reader::complete() const {
  if (stalled_ || state_ == State::kGone) return true;
  for (const Line* line : lines_) {
    if (tally_.reached(line->number) < line->accepted.load(std::memory_order_relaxed)) return false;
  }
  return true;
}

Faults Reader::faults() const {
  Faults faults = tally_.faults();
  if (stalled_ || state_ == State::kGone) return faults;  // it is counted as cut
  for (const Line* line : lines_) {
    const std::uint32_t accepted = line->accepted.load(std::memory_order_relaxed);
    if (accepted > tally_.reached(line->number)) faults.gaps += accepted - tally_.reached(line->number);
  }
  return faults;
}

}  // namespace omakase::load
