#include "runner/launcher.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "base/text.h"
#include "process/child.h"
#include "runtime/loop.h"

namespace omakase::runner {

namespace {

namespace asio = runtime::asio;
namespace json = base::json;
using base::ErrorKind;
using base::Result;
using runtime::Task;
using std::chrono_literals::operator""s;

constexpr auto kStartLimit = 15s;
constexpr std::size_t kMaxAnswer = std::size_t{64} << 10;

base::Failure not_ready(std::string_view why) {
  return base::fail(ErrorKind::kUnavailable, "runner_not_ready", "The runner did not start: " + std::string(why));
}

Task<std::string> read_to_end(process::Child::Stream& stream) {
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() < kMaxAnswer) {
    const auto [error, got] = co_await stream.async_read_some(asio::buffer(buffer), runtime::use_tuple);
    if (error) break;
    text.append(buffer.data(), got);
  }
  co_return text;
}

Result<pid_t> read_answer(std::string_view answer, std::string_view errors) {
  if (answer.empty()) return not_ready(errors.empty() ? "it said nothing." : base::scrub_utf8(base::trim(errors)));
  const auto object = base::parse_json_object(base::trim(answer));
  if (!object) return not_ready("its answer is unreadable.");
  if (const json::object* error = base::object_or_null(*object, "error")) {
    return base::fail(ErrorKind::kUnavailable, std::string(base::string_or_empty(*error, "code")),
                      std::string(base::string_or_empty(*error, "detail")));
  }
  const auto pid = base::optional_int(*object, "pid");
  if (!pid || !*pid) return not_ready("its answer names no process.");
  return static_cast<pid_t>(**pid);
}

// Until the process that we started has ended: the runner itself is a daemon by then, and no longer below it.
Task<Result<pid_t>> converse(process::Child& child, std::string_view secrets) {
  using asio::experimental::awaitable_operators::operator&&;
  // A runner that refuses before it reads them says why.
  static_cast<void>(co_await child.write(secrets, kStartLimit));
  child.close_input();
  const auto [answer, errors] = co_await (read_to_end(child.output()) && read_to_end(child.error()));
  OMAKASE_CO_CHECK(co_await child.wait());
  co_return read_answer(answer, errors);
}

}  // namespace

Task<Result<pid_t>> Launcher::start(std::string folder, Secrets secrets) const {
  using asio::experimental::awaitable_operators::operator||;
  // The runner gets none of the server's environment but the way to programs.
  const char* path = std::getenv("PATH");
  process::Command command{.program = program_,
                           .argv = {"omakase", "agent-run", "--dir", std::filesystem::absolute(folder).string()},
                           .environment = {std::string("PATH=") + (path ? path : "/usr/bin:/bin")},
                           .folder = "/",
                           .with_input = true};
  OMAKASE_CO_TRY(const auto child, process::Child::start(co_await asio::this_coro::executor, command));
  const std::string line = encode(secrets);
  auto outcome = co_await (converse(*child, line) || runtime::sleep_for(kStartLimit));
  if (auto* answer = std::get_if<0>(&outcome)) co_return std::move(*answer);
  co_return not_ready("it took too long.");
}

}  // namespace omakase::runner
