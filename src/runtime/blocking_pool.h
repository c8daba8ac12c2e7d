// Threads for work that blocks: `co_await pool.run([...] { return read_it(); })` runs the function on a pool thread and resumes
// on the caller's loop with its value. The function must not touch what lives on the loop. Not cancellable: the caller waits.
// Owned by app/; join() before anything that running functions use is destroyed.
#pragma once

#include <type_traits>
#include <utility>

#include "runtime/asio.h"

namespace omakase::runtime {

class BlockingPool {
 public:
  explicit BlockingPool(std::size_t threads) : pool_(threads) {}
  ~BlockingPool() { join(); }

  void join() { pool_.join(); }

  template <typename Function>
  Task<std::invoke_result_t<Function>> run(Function function) {
    using Value = std::invoke_result_t<Function>;
    const Executor home = co_await asio::this_coro::executor;
    std::optional<Value> value;
    std::exception_ptr failure;
    auto initiate = [&](auto handler) {
      asio::post(pool_, [&, handler = std::move(handler), work = asio::make_work_guard(home)]() mutable {
        try {
          value.emplace(function());
        } catch (...) {
          failure = std::current_exception();
        }
        asio::post(home, [handler = std::move(handler)]() mutable { handler(); });
      });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate), asio::use_awaitable);
    if (failure) std::rethrow_exception(failure);
    co_return *std::move(value);
  }

 private:
  asio::thread_pool pool_;
};

}  // namespace omakase::runtime
