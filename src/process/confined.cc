#include "process/confined.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read_until.hpp>

#include <utility>
#include <variant>

#include "base/json.h"
#include "process/own_network.h"
#include "process/seccomp.h"
#include "process/start_up.h"
#include "runtime/loop.h"

namespace omakase::process {

namespace {

namespace asio = runtime::asio;
using base::ErrorKind;
using base::Result;
using runtime::Task;
using std::chrono_literals::operator""s;

constexpr auto kLimit = 10s;
constexpr std::size_t kMaxInfo = std::size_t{4} << 10;

// What `fill` writes to it, to be read from its beginning.
template <typename Fill>
Result<Fd> file_in_memory(Fill fill) {
  Fd file(memfd_create("for the sandbox", MFD_CLOEXEC));
  if (!file || !fill(file) || lseek(file.get(), 0, SEEK_SET) != 0) return base::internal("A file in memory cannot be made.");
  return file;
}

Result<Fd> text_in_memory(const std::string& text) {
  return file_in_memory(
      [&](const Fd& file) { return write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()); });
}

Result<Fd> filter_in_memory() {
  return file_in_memory([](const Fd& file) { return write_seccomp_filter(file).has_value(); });
}

Task<std::string> read_info(Child::Stream& stream) {
  std::string text;
  co_await asio::async_read_until(stream, asio::dynamic_buffer(text, kMaxInfo), '}', runtime::use_tuple);
  co_return text;
}

// When it ends instead of starting the program, its standard error says why.
Task<base::Failure> failed_start(Child& child) {
  const std::string words = co_await last_words(child);
  co_return base::fail(ErrorKind::kUnavailable, "sandbox_unavailable",
                       "bubblewrap cannot make a sandbox here" + (words.empty() ? "." : ": " + words));
}

// bubblewrap says which process is the first inside.
Task<Result<pid_t>> first_inside(Child& child, Fd info) {
  using asio::experimental::awaitable_operators::operator||;
  Child::Stream stream(co_await asio::this_coro::executor, info.release());
  auto outcome = co_await (read_info(stream) || runtime::sleep_for(kLimit));
  const auto* text = std::get_if<0>(&outcome);
  const auto object = text ? base::parse_json_object(*text) : std::unexpected(base::internal("").error());
  const auto pid = object ? base::optional_int(*object, "child-pid") : std::unexpected(object.error());
  if (pid && *pid && **pid > 0) co_return static_cast<pid_t>(**pid);
  co_return co_await failed_start(child);
}

}  // namespace

Task<Result<Confined>> start_confined(Command command, Network network) {
  const Uplink uplink = Uplink::plan();
  const Environment environment = command.environment;
  OMAKASE_CO_TRY(Ends info, connected_ends());
  OMAKASE_CO_TRY(Ends go, connected_ends());
  OMAKASE_CO_TRY(const Fd filter, filter_in_memory());
  OMAKASE_CO_TRY(const Fd resolver, text_in_memory(uplink.resolver_file()));
  command.pass = {info.theirs.get(), go.theirs.get(), filter.get()};
  SandboxFds fds{.info = 3, .block = 4, .seccomp = 5};
  if (network == Network::kInternet) {
    command.pass.push_back(resolver.get());
    fds.resolver = 6;
  }
  command.argv = completed(std::move(command.argv), network, fds);
  Confined confined;
  OMAKASE_CO_TRY(confined.child, Child::start(co_await asio::this_coro::executor, command));
  info.theirs.reset();
  go.theirs.reset();
  OMAKASE_CO_TRY(confined.inside, co_await first_inside(*confined.child, std::move(info.ours)));
  if (network != Network::kOpen) {
    OMAKASE_CO_TRY(const OwnNetwork own, OwnNetwork::of(confined.inside));
    OMAKASE_CO_TRY(confined.listener, co_await own.listen(Confined::kPort, uplink));
    if (network == Network::kInternet) {
      OMAKASE_CO_TRY(confined.uplink, co_await own.connect(uplink, environment));
    }
  }
  const char byte = 1;
  if (send(go.ours.get(), &byte, 1, MSG_NOSIGNAL) != 1) co_return co_await failed_start(*confined.child);
  co_return confined;
}

Task<Result<void>> network_available(Network network, Environment environment) {
  using asio::experimental::awaitable_operators::operator||;
  Command command{.argv = sandboxed({.network = network}, {"true"}), .environment = std::move(environment), .folder = "/"};
  OMAKASE_CO_TRY(const Confined confined, co_await start_confined(std::move(command), network));
  auto ended = co_await (confined.child->wait() || runtime::sleep_for(kLimit));
  const auto* status = std::get_if<0>(&ended);
  if (status && *status && (*status)->success()) co_return Result<void>{};
  co_return base::fail(ErrorKind::kUnavailable, "sandbox_unavailable", "Nothing runs in a sandbox here.");
}

}  // namespace omakase::process
