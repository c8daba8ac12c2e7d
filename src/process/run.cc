#include "process/run.h"

#include <signal.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <array>
#include <utility>

#include "process/line_splitter.h"
#include "runtime/loop.h"

namespace omakase::process {

namespace asio = runtime::asio;
using base::ErrorKind;
using base::Result;
using runtime::Task;
using std::chrono_literals::operator""s;

namespace {

// How long after the end of a program its pipes are read on, when something that left its group still holds them.
constexpr auto kLeftoverLimit = 1s;

using Sink = std::function<void(std::string_view bytes)>;  // "" at the end

Task<> read_all(Child::Stream& stream, const Sink& sink) {
  std::array<char, 16 << 10> buffer;
  for (;;) {
    const auto [error, got] = co_await stream.async_read_some(asio::buffer(buffer), runtime::use_tuple);
    if (error) break;
    sink({buffer.data(), got});
  }
  sink({});
}

Task<> end_what_is_left(Child& child) {
  const auto status = co_await child.wait();
  if (!status) co_return;
  child.send_signal(SIGKILL);
  co_await runtime::sleep_for(kLeftoverLimit);
}

// Until both pipes are at their end, and the child is.
Task<Result<ExitStatus>> finish(Child& child, const Sink& out, const Sink& err) {
  using asio::experimental::awaitable_operators::operator&&;
  using asio::experimental::awaitable_operators::operator||;
  co_await ((read_all(child.output(), out) && read_all(child.error(), err)) || end_what_is_left(child));
  co_return co_await child.wait();
}

Task<Result<ExitStatus>> run(Command command, runtime::Duration limit, Sink out, Sink err, std::string_view input = {}) {
  using asio::experimental::awaitable_operators::operator||;
  command.with_input = !input.empty();
  OMAKASE_CO_TRY(const auto child, Child::start(co_await asio::this_coro::executor, command));
  if (!input.empty()) {
    // A program that ended without reading it says why by its status.
    [[maybe_unused]] const auto given = co_await child->write(input, limit);
    child->close_input();
  }
  auto outcome = co_await (finish(*child, out, err) || runtime::sleep_for(limit));
  if (auto* status = std::get_if<0>(&outcome)) co_return std::move(*status);
  co_return base::fail(ErrorKind::kTimedOut, "command_timed_out",
                       "\"" + command.argv.front() + "\" took too long and was ended.");
}

Sink keep_first(std::string& kept, bool& cut, std::size_t limit) {
  return [&kept, &cut, limit](std::string_view bytes) {
    const std::size_t room = limit - kept.size();
    cut = cut || bytes.size() > room;
    kept.append(bytes.substr(0, room));
  };
}

Sink as_lines(OutputStream stream, const OnLine& on_line) {
  return [stream, &on_line, splitter = LineSplitter(kMaxOutputLine)](std::string_view bytes) mutable {
    const auto tell = [&](const Line& line) {
      on_line(stream, line.kind == Line::Kind::kOversize ? "[line too long]" : line.text);
    };
    splitter.push(bytes);
    while (const auto line = splitter.next()) tell(*line);
    if (!bytes.empty()) return;
    if (const auto half = splitter.finish()) tell(*half);
  };
}

}  // namespace

Task<Result<Output>> run_command(Command command, runtime::Duration limit, std::size_t max_output) {
  Output output;
  auto status = co_await run(std::move(command), limit, keep_first(output.out, output.cut, max_output),
                             keep_first(output.err, output.cut, max_output));
  if (!status) co_return std::unexpected(std::move(status).error());
  output.status = *status;
  co_return output;
}

Task<Result<ExitStatus>> run_lines(Command command, runtime::Duration limit, OnLine on_line, std::string input) {
  co_return co_await run(std::move(command), limit, as_lines(OutputStream::kOut, on_line), as_lines(OutputStream::kErr, on_line),
                         input);
}

}  // namespace omakase::process
