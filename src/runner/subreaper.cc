#include "runner/subreaper.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "process/tree.h"
#include "runtime/loop.h"

namespace omakase::runner {

namespace asio = runtime::asio;
using runtime::Task;

namespace {

void reap_ended_except(pid_t spared) {
  for (;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0 || info.si_pid == spared) return;
    waitpid(info.si_pid, nullptr, 0);
  }
}

Task<> wait_for_one(asio::signal_set& child_ended) { co_await child_ended.async_wait(runtime::use_tuple); }

// Every pass kills each child that is alive, and each of them that ends raises SIGCHLD: so does an orphan that falls to us.
Task<> end_children(asio::signal_set& child_ended) {
  for (;;) {
    pid_t reaped = 0;
    while ((reaped = waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    if (reaped < 0) co_return;  // no child is left
    process::signal_descendants(getpid(), SIGKILL);
    co_await wait_for_one(child_ended);
  }
}

}  // namespace

Subreaper::Subreaper(runtime::Executor executor) : child_ended_(executor, SIGCHLD) { prctl(PR_SET_CHILD_SUBREAPER, 1); }

Task<> Subreaper::reap_orphans(pid_t spared) {
  for (;;) {
    reap_ended_except(spared);
    const auto [error, number] = co_await child_ended_.async_wait(runtime::use_tuple);
    if (error) co_return;
  }
}

Task<bool> Subreaper::end_all(runtime::Duration limit) {
  using asio::experimental::awaitable_operators::operator||;
  const auto outcome = co_await (end_children(child_ended_) || runtime::sleep_for(limit));
  co_return outcome.index() == 0;
}

}  // namespace omakase::runner
