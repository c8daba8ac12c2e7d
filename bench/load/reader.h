// One stream: from its connection to what it has seen. Owned by a Worker, used on its thread. It is told when its socket is
// ready and reads what is there into a buffer that all readers of the thread share; it keeps only the start of an event that is
// not whole, 1 MiB at most. A stalled one reads its head and nothing after.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "load/chunks.h"
#include "load/counts.h"
#include "load/course.h"
#include "load/events.h"
#include "load/posts.h"
#include "load/tally.h"

namespace omakase::load {

// What the readers of a thread have in common.
struct Reading {
  const Options& options;
  Course& course;
  Counts& counts;
  std::vector<char> buffer;
};

class Reader {
 public:
  enum class State : std::uint8_t { kNew, kConnecting, kHead, kReplay, kStanding, kGone };

  Reader(std::size_t channel, const std::vector<const Line*>& lines, bool stalled)
      : channel_(channel), lines_(lines), tally_(lines.size()), stalled_(stalled) {}

  // False where there is no connection to be had; then the reader is gone.
  bool open(Reading& reading, std::int64_t now);
  // Something can be read or written, or the server has closed its end (edge-triggered: it takes all there is).
  void on_ready(Reading& reading, std::int64_t now, bool hung_up);
  void close();

  int fd() const { return fd_; }
  State state() const { return state_; }
  bool settled() const { return state_ == State::kStanding || state_ == State::kGone; }
  bool stalled() const { return stalled_; }
  // Whether it has everything that was accepted.
  bool complete() const;
  // What it has missed and seen twice, with what it would still have to get.
  Faults faults() const;

 private:
  void ask(Reading& reading);
  bool take_head(Reading& reading, std::int64_t now);
  bool take_events(Reading& reading, std::int64_t now, bool hung_up);
  void take(Reading& reading, std::size_t bytes, std::int64_t now);
  void see(Reading& reading, const Event& event, std::int64_t now, bool counts);
  void stands(Reading& reading, std::int64_t now);
  void leave(Reading& reading);

  std::size_t channel_;
  const std::vector<const Line*>& lines_;
  Tally tally_;
  std::string rest_;  // of an event, or of the head
  Chunks chunks_;
  std::int64_t opened_ns_ = 0;
  std::size_t seen_ = 0;
  int fd_ = -1;
  State state_ = State::kNew;
  bool stalled_;
  bool chunked_ = false;
};

}  // namespace omakase::load
