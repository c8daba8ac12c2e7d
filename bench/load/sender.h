// One connection that posts, with one post at a time on it. Owned by a Worker, used on its thread. A connection that the server
// closes between two posts is made anew; one that ends within a post leaves it unanswered, and the message is sent once more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "load/counts.h"
#include "load/course.h"
#include "load/posts.h"

namespace omakase::load {

class Sender {
 public:
  enum class State : std::uint8_t { kConnecting, kIdle, kPosting, kDone };

  Sender(std::vector<Line*> lines, std::uint16_t port) : lines_(std::move(lines)), port_(port) {}

  // Anew after a lost connection. False where there is none to be had, or after 20 in a row that did not stand: it is done then.
  bool open();
  // Posts the next message of its lines, marked with the time at which it was due. Only while idle.
  void post(const Course& course, std::int64_t due_ns);
  // Something can be read or written (edge-triggered). True when this made it idle: it is connected, or has its answer.
  bool on_ready(const Course& course, Counts& counts, std::int64_t now);
  void finish();

  int fd() const { return fd_; }
  State state() const { return state_; }
  bool lost() const { return fd_ < 0 && state_ != State::kDone; }

 private:
  const std::string& request() const { return lines_[turn_]->request; }
  bool connected();
  void write();
  bool read(const Course& course, Counts& counts, std::int64_t now);
  void lose(Counts& counts);

  std::vector<Line*> lines_;
  std::uint16_t port_;
  int fd_ = -1;
  int failures_ = 0;
  State state_ = State::kConnecting;
  bool pending_ = false;  // a message that has no answer
  std::size_t turn_ = 0;
  std::size_t sent_ = 0;
  std::int64_t due_ns_ = 0;
  std::string answer_;
};

}  // namespace omakase::load
