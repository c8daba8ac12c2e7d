#include "load/sender.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>

#include "load/answer.h"
#include "load/chunks.h"
#include "load/mark.h"
#include "load/sockets.h"

namespace omakase::load {

namespace {

constexpr int kMaxFailures = 20;

// The head of an answer that is there as a whole.
std::optional<Head> whole_answer(const std::string& text) {
  const auto head = read_head(text);
  if (!head) return std::nullopt;
  if (head->chunked) {
    std::string body = text.substr(head->bytes);
    std::size_t used = 0;
    Chunks chunks;
    chunks.decode(body, used);
    return chunks.ended() ? head : std::nullopt;
  }
  return text.size() >= head->bytes + head->length.value_or(0) ? head : std::nullopt;
}

}  // namespace

bool Sender::open() {
  fd_ = failures_ < kMaxFailures ? open_connection(port_) : -1;
  state_ = fd_ < 0 ? State::kDone : State::kConnecting;
  return fd_ >= 0;
}

void Sender::post(const Course& course, std::int64_t due_ns) {
  Line& line = *lines_[turn_];
  const std::uint32_t sequence = line.accepted.load(std::memory_order_relaxed);
  write_mark(line.request.data() + line.mark_at, {course.session, line.number, sequence, due_ns});
  due_ns_ = due_ns;
  pending_ = true;
  sent_ = 0;
  state_ = State::kPosting;
  write();
}

bool Sender::on_ready(const Course& course, Counts& counts, std::int64_t now) {
  if (state_ == State::kConnecting) {
    if (!connection_stands(fd_)) {
      lose(counts);
      return false;
    }
    state_ = pending_ ? State::kPosting : State::kIdle;
    sent_ = 0;
    if (!pending_) return true;
  }
  if (state_ == State::kPosting && sent_ < request().size()) write();
  return read(course, counts, now);
}

void Sender::write() {
  while (sent_ < request().size()) {
    const ssize_t sent = send(fd_, request().data() + sent_, request().size() - sent_, MSG_NOSIGNAL);
    if (sent <= 0) return;  // full: it will be ready again; broken: the next read says so
    sent_ += static_cast<std::size_t>(sent);
  }
}

bool Sender::read(const Course& course, Counts& counts, std::int64_t now) {
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0) {
      lose(counts);
      return false;
    }
    answer_.append(buffer.data(), static_cast<std::size_t>(got));
    const auto head = whole_answer(answer_);
    if (!head) continue;
    answer_.clear();
    failures_ = 0;
    pending_ = false;
    state_ = State::kIdle;
    ++counts.statuses[head->status];
    if (head->status / 100 == 2) {
      lines_[turn_]->accepted.fetch_add(1, std::memory_order_relaxed);
      ++counts.accepted;
      if (course.counts(now)) {
        ++counts.acknowledged;
        counts.acknowledging.add(now - due_ns_);
      }
    }
    turn_ = (turn_ + 1) % lines_.size();
    if (!head->closes) return true;
    lose(counts);
    return false;
  }
}

void Sender::lose(Counts& counts) {
  if (state_ == State::kPosting) ++counts.unanswered;
  close_connection(fd_);
  fd_ = -1;
  ++failures_;
  answer_.clear();
  state_ = State::kConnecting;
}

void Sender::finish() {
  if (fd_ >= 0) close_connection(fd_);
  fd_ = -1;
  state_ = State::kDone;
}

}  // namespace omakase::load
