#include "app/sandbox_command.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>
#include <vector>

#include "process/confined.h"
#include "process/start_up.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"

namespace omakase::app {

namespace {

using process::Confined;
using runtime::Task;
using Arguments = std::span<const std::string>;

struct Wanted {
  process::Network network = process::Network::kOpen;
  int info_fd = -1;
  std::vector<std::string> argv;
};

std::optional<Wanted> parse(Arguments arguments) {
  Wanted wanted;
  const auto end = std::ranges::find(arguments, "--");
  const Arguments options(arguments.begin(), end);
  if (end != arguments.end()) wanted.argv.assign(end + 1, arguments.end());
  if (options.size() != 2 && options.size() != 4) return std::nullopt;
  const auto network = process::network_named(options[1]);
  if (options[0] != "--network" || !network) return std::nullopt;
  wanted.network = *network;
  if (options.size() == 4) {
    const std::string& fd = options[3];
    const auto [rest, error] = std::from_chars(fd.data(), fd.data() + fd.size(), wanted.info_fd);
    if (options[2] != "--info-fd" || error != std::errc() || wanted.info_fd < 0) return std::nullopt;
  }
  if (wanted.argv.empty() || wanted.argv[0] != "bwrap" || std::ranges::find(wanted.argv, "--") == wanted.argv.end()) {
    return std::nullopt;
  }
  return wanted;
}

process::Environment own_environment() {
  process::Environment environment;
  for (char** entry = environ; *entry; ++entry) environment.emplace_back(*entry);
  return environment;
}

// Whoever listened there may be gone.
void tell(int info_fd, pid_t inside) {
  process::Fd info(info_fd);
  dprintf(info.get(), "{\"child-pid\": %d}\n", inside);
}

Task<int> end_of(process::Child& child) {
  const auto status = co_await child.wait();
  if (!status) co_return 1;
  co_return status->signal == 0 ? status->code : 128 + status->signal;
}

Task<int> hold(Wanted wanted) {
  using runtime::asio::experimental::awaitable_operators::operator||;
  const auto executor = co_await runtime::asio::this_coro::executor;
  process::Command command{
      .argv = std::move(wanted.argv), .environment = own_environment(), .our_streams = true, .die_with_parent = true};
  auto confined = co_await process::start_confined(std::move(command), wanted.network);
  if (!confined) {
    std::fprintf(stderr, "omakase: %s\n", confined.error().detail.c_str());
    co_return 1;
  }
  confined->listener.reset();  // nobody serves in there
  if (wanted.info_fd >= 0) tell(wanted.info_fd, confined->inside);
  runtime::TaskGroup tasks(executor);
  if (confined->uplink) tasks.spawn("uplink's words", process::drop_words(*confined->uplink));
  runtime::asio::signal_set asked_to_end(executor, SIGTERM, SIGINT);
  const auto outcome = co_await (end_of(*confined->child) || asked_to_end.async_wait(runtime::use_tuple));
  // With the first process inside all of them end, and only then bubblewrap.
  if (outcome.index() == 1) kill(confined->inside, SIGKILL);
  const int code = outcome.index() == 0 ? std::get<0>(outcome) : co_await end_of(*confined->child);
  tasks.cancel();
  co_await tasks.join();
  co_return code;
}

}  // namespace

int sandbox_command(Arguments arguments) {
  auto wanted = parse(arguments);
  if (!wanted) {
    std::fputs("Usage: omakase confined --network internet|model|open [--info-fd N] -- bwrap OPTION... -- PROGRAM...\n", stderr);
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPIPE, SIG_IGN);
  runtime::Loop loop;
  return runtime::run_task(loop, hold(*std::move(wanted)));
}

}  // namespace omakase::app
