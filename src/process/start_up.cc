#include "process/start_up.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "runtime/loop.h"

namespace omakase::process {

namespace {

namespace asio = runtime::asio;
using base::ErrorKind;
using base::Result;
using runtime::Task;
using std::chrono_literals::operator""s;

constexpr auto kLastWords = 1s;
constexpr std::size_t kMaxWords = 4096;

Task<> read_to_end(Child::Stream& stream, std::string& text) {
  std::array<char, 1024> buffer;
  while (text.size() < kMaxWords) {
    const auto [error, got] = co_await stream.async_read_some(asio::buffer(buffer), runtime::use_tuple);
    if (error) break;
    text.append(buffer.data(), got);
  }
}

Task<> drop(Child::Stream& stream) {
  std::array<char, 4096> words;
  for (bool open = true; open;) {
    const auto [error, got] = co_await stream.async_read_some(asio::buffer(words), runtime::use_tuple);
    open = !error;
  }
}

}  // namespace

Result<Ends> connected_ends() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return base::fail(ErrorKind::kUnavailable, "spawn_failed", "No descriptor is left to start a program with.");
  }
  return Ends{Fd(ends[0]), Fd(ends[1])};
}

Task<std::string> last_words(Child& child) {
  using asio::experimental::awaitable_operators::operator||;
  std::string text;
  co_await (read_to_end(child.error(), text) || runtime::sleep_for(kLastWords));
  std::ranges::replace(text, '\n', ' ');
  co_return base::scrub_utf8(base::trim(text));
}

Task<> drop_words(Child& child) {
  using asio::experimental::awaitable_operators::operator&&;
  co_await (drop(child.output()) && drop(child.error()));
}

}  // namespace omakase::process
