#include "process/child.h"

#include <signal.h>
#include <sys/wait.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <cstring>

#include "process/tree.h"
#include "runtime/loop.h"

namespace omakase::process {

namespace asio = runtime::asio;
using base::ErrorKind;
using base::Result;
using runtime::Task;

namespace {

ExitStatus status_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {.code = info.si_status, .signal = 0};
  return {.code = 0, .signal = info.si_status};
}

// waitid on the pidfd, which cannot name another process. nullopt: it has not ended.
std::optional<ExitStatus> wait_on(int pidfd, int options) {
  siginfo_t info{};
  int result = 0;
  do {
    result = waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | options);
  } while (result != 0 && errno == EINTR);
  if (result != 0) return ExitStatus{.code = 127, .signal = 0};  // reaped by somebody else: the code is lost
  if (info.si_pid == 0) return std::nullopt;
  return status_of(info);
}

Task<Result<void>> write_all(Child::Stream& stream, std::string_view bytes) {
  const auto [error, written] = co_await asio::async_write(stream, asio::buffer(bytes), runtime::use_tuple);
  if (error) {
    co_return base::fail(ErrorKind::kUnavailable, "input_closed",
                         "The program does not read its input: " + error.message() + ".");
  }
  co_return Result<void>{};
}

}  // namespace

std::string ExitStatus::describe() const {
  if (signal == 0) return "ended with code " + std::to_string(code);
  return "was ended by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
}

Result<std::unique_ptr<Child>> Child::start(runtime::Executor executor, const Command& command) {
  OMAKASE_TRY(Spawned spawned, spawn(command));
  return std::unique_ptr<Child>(new Child(std::move(executor), std::move(spawned)));
}

Child::Child(runtime::Executor executor, Spawned spawned)
    : pid_(spawned.pid), pidfd_(executor, spawned.pidfd.release()), input_(executor), output_(executor), error_(executor) {
  if (spawned.input) input_.assign(spawned.input.release());
  if (spawned.output) output_.assign(spawned.output.release());
  if (spawned.error) error_.assign(spawned.error.release());
}

Child::~Child() {
  if (!ended()) {
    kill_tree(pid_);
    status_ = wait_on(pidfd_.native_handle(), WNOWAIT);
  }
  reap();
}

Task<Result<void>> Child::write(std::string_view bytes, runtime::Duration limit) {
  using asio::experimental::awaitable_operators::operator||;
  if (!input_.is_open()) co_return base::fail(ErrorKind::kUnavailable, "input_closed", "The program's input is closed.");
  auto outcome = co_await (write_all(input_, bytes) || runtime::sleep_for(limit));
  if (auto* written = std::get_if<0>(&outcome)) co_return std::move(*written);
  co_return base::fail(ErrorKind::kTimedOut, "input_blocked", "The program did not read its input in time.");
}

void Child::close_input() {
  boost::system::error_code ignored;
  input_.close(ignored);
}

void Child::send_signal(int signal) {
  if (!reaped_) kill(-pid_, signal);
}

bool Child::ended() {
  if (!status_) status_ = wait_on(pidfd_.native_handle(), WNOHANG | WNOWAIT);
  return status_.has_value();
}

void Child::reap() {
  if (!reaped_ && ended()) wait_on(pidfd_.native_handle(), 0);
  reaped_ = status_.has_value();
}

Task<Result<ExitStatus>> Child::wait() {
  while (!ended()) {
    const auto [error] = co_await pidfd_.async_wait(Stream::wait_read, runtime::use_tuple);
    if (error) co_return base::fail(ErrorKind::kCancelled, "cancelled", "Nobody waits for the program any more.");
  }
  co_return *status_;
}

}  // namespace omakase::process
