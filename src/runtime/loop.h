// A Loop runs the coroutines of this process's logic on the thread that calls run(): nothing on it needs a lock.
// Owned by app/ (or a test). run() returns after stop() or when nothing is left to do; stop() and post() may be called from any
// thread.
#pragma once

#include <utility>

#include "runtime/asio.h"

namespace omakase::runtime {

class Loop {
 public:
  Executor executor() { return io_.get_executor(); }
  asio::io_context& io() { return io_; }

  void run() { io_.run(); }
  void stop() { io_.stop(); }

  template <typename Function>
  void post(Function&& function) {
    asio::post(io_, std::forward<Function>(function));
  }

 private:
  asio::io_context io_{1};
};

// Runs `task` to its end on a loop of its own and gives its value: for tests and for the command line.
template <typename T>
T run_task(Loop& loop, Task<T> task) {
  std::optional<T> value;
  std::exception_ptr failure;
  asio::co_spawn(
      loop.io(), [](Task<T> inner) -> Task<T> { co_return co_await std::move(inner); }(std::move(task)),
      [&](std::exception_ptr error, T result) {
        failure = error;
        if (!error) value = std::move(result);
        loop.stop();
      });
  loop.io().restart();
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return *std::move(value);
}
inline void run_task(Loop& loop, Task<void> task) {
  run_task(loop, [](Task<void> inner) -> Task<bool> {
    co_await std::move(inner);
    co_return true;
  }(std::move(task)));
}

// Waits; false when cancelled meanwhile.
inline Task<bool> sleep_for(Duration duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  auto [ec] = co_await timer.async_wait(use_tuple);
  co_return !ec;
}

}  // namespace omakase::runtime
