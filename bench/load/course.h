// What the threads of one run share: how far it has come, and when what happens counts. The main thread leads from step to step;
// the workers are woken for a new one, and the last of their connections that is done with it wakes the main thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace omakase::load {

// Connect: until each connection stands. Post: until each sender has posted its last and been answered. Drain: until each reader
// has what was accepted.
enum class Step : std::uint8_t { kConnect, kPost, kDrain, kEnd };

struct Course {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  std::uint32_t session = 0;
  std::atomic<Step> step{Step::kConnect};
  std::array<std::atomic<std::size_t>, 3> open{};  // by step: connections that are not done with it
  int news = -1;                                   // an eventfd: one of them has come down to none

  // Of the monotonic clock. What arrives in between is counted, and nothing is posted after.
  std::atomic<std::int64_t> measure_from{kNever};
  std::atomic<std::int64_t> measure_until{kNever};
  std::atomic<std::int64_t> messages_left{kNever};

  bool counts(std::int64_t now) const { return now >= measure_from.load() && now < measure_until.load(); }

  // A connection is done with the step. Any thread.
  void done(Step with);
};

std::int64_t now_ns();

}  // namespace omakase::load
