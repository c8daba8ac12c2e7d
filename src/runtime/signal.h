// Wakes the coroutines that wait for something to change; the waiter then looks at the state itself. Lives on one Loop's thread:
// check the state and wait() without a co_await between, and no wake-up is missed.
#pragma once

#include <list>

#include "runtime/asio.h"

namespace omakase::runtime {

class Signal {
 public:
  explicit Signal(Executor executor) : executor_(std::move(executor)) {}

  // Wakes everybody who waits now.
  void notify();

  // Waits for notify(); returns early when cancelled.
  Task<> wait();

  // Waits for notify() until `limit` has passed: false when it has, or when cancelled.
  Task<bool> wait_for(Duration limit);

 private:
  struct Waiter {
    asio::steady_timer timer;
    bool notified = false;
  };

  Executor executor_;
  std::list<Waiter> waiters_;
};

}  // namespace omakase::runtime
