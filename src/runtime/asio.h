// The parts of Boost.Asio that the house uses, under short names, and the precompiled header of every folder above.
// Task<T> is a coroutine on a Loop. `co_await operation(use_tuple)` gives (error_code, values...) instead of throwing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace omakase::runtime {

namespace asio = boost::asio;
using boost::system::error_code;

template <typename T = void>
using Task = asio::awaitable<T>;
using Executor = asio::any_io_executor;
using Duration = std::chrono::steady_clock::duration;

// `co_await undisturbed();` From here on the calling coroutine is not cancelled any more: for tidying up after a cancellation,
// when it has to wait for what it started.
inline auto undisturbed() { return asio::this_coro::reset_cancellation_state(asio::disable_cancellation()); }

inline constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

}  // namespace omakase::runtime
