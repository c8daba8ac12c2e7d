// Between the tries of a call: each pause longer than the one before, and not the same for all. On the Loop's thread.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "runtime/loop.h"

namespace omakase::notify {

class Pauses {
 public:
  static constexpr int kTries = 5;

  explicit Pauses(const base::Clock& clock) : clock_(clock) {}

  // Waits before the next try; false when there is none, or the task is to end.
  runtime::Task<bool> next() {
    if (--left_ == 0) co_return false;
    // Not all at the same moment, when a receiver comes back.
    const auto jitter = std::chrono::milliseconds(clock_.now().micros % (pause_.count() / 2));
    const auto pause = pause_ + jitter;
    pause_ *= kLonger;
    co_return co_await runtime::sleep_for(pause);
  }

 private:
  static constexpr int kLonger = 5;
  const base::Clock& clock_;
  std::chrono::milliseconds pause_{1000};
  int left_ = kTries;
};

}  // namespace omakase::notify
