#include "runner/runner.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/log.h"
#include "runner/presence.h"
#include "runtime/loop.h"

namespace omakase::runner {

namespace {

using base::Result;
using runtime::Task;
using std::chrono_literals::operator""s;

// Beyond the stop ladder: after it the process goes, whatever the disk and the kernel do.
constexpr auto kForcedEnd = 15s;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

Runner::Runner(runtime::Executor executor, const base::Clock& clock, const RunnerFolder& folder, process::Fd lock,
               const RunnerSpec& spec, Spool spool)
    : folder_(folder),
      lock_(std::move(lock)),
      spec_(spec),
      spool_(std::move(spool)),
      agent_(executor, clock, spec, spool_),
      port_(executor, spool_,
            {.greeting = [this] { return greeting(); },
             .on_message = [this](ServerMessage message) { receive(std::move(message)); },
             .on_change = [this] { changed_.notify(); }}),
      changed_(executor),
      tasks_(executor),
      told_to_end_(executor, SIGTERM, SIGINT) {}

Task<Result<void>> Runner::start(const Secrets& secrets) {
  OMAKASE_CO_CHECK(port_.open(folder_));
  OMAKASE_CO_CHECK(co_await agent_.start(secrets));
  co_return write_pid(folder_);
}

RunnerHello Runner::greeting() const { return {.run_id = spec_.run_id, .end = spool_.end(), .exited = agent_ended_.has_value()}; }

void Runner::receive(ServerMessage message) {
  std::visit(Overloaded{
                 [this](message::Input& input) { agent_.add_input(std::move(input)); },
                 [this](message::CloseInput&) { agent_.close_input(); },
                 [this](message::Stop& stop) { agent_.stop(stop.times.value_or(spec_.stop)); },
                 [this](message::Kill&) { agent_.kill(); },
                 [this](message::Bye&) {
                   bye_ = agent_ended_.has_value();
                   changed_.notify();
                 },
                 [](auto&) {},  // the port's own
             },
             message);
}

Runner::Instant Runner::lonely_since() const {
  return std::max({port_.last_connected(), agent_.last_output(), agent_ended_.value_or(Instant{})});
}

// How much longer it waits for a server; nullopt: it does not wait for one.
std::optional<runtime::Duration> Runner::patience() const {
  if (abandoned_ || port_.connected()) return std::nullopt;
  return lonely_since() + spec_.orphan_timeout - std::chrono::steady_clock::now();
}

void Runner::abandon() {
  abandoned_ = true;
  agent_.stop(spec_.stop);
  changed_.notify();
}

Task<> Runner::run() {
  tasks_.spawn("agent", [](Runner& self) -> Task<> {
    co_await self.agent_.run();
    self.agent_ended_ = std::chrono::steady_clock::now();
    self.changed_.notify();
  }(*this));
  tasks_.spawn("accept", port_.accept_all());
  tasks_.spawn("signals", end_when_told());
  while (!over()) {
    const auto left = patience();
    if (left && *left <= runtime::Duration::zero()) {
      base::log_warn("nobody asked for this run in time", {{"run", spec_.run_id}});
      abandon();
    } else {
      co_await changed_.wait_for(left.value_or(std::chrono::hours(24)));
    }
  }
  folder_.remove(RunnerFolder::kSocket);
  lock_.reset();
  tasks_.cancel();
  co_await port_.shut_down();
  co_await tasks_.join();
}

Task<> Runner::end_when_told() {
  const auto [error, number] = co_await told_to_end_.async_wait(runtime::use_tuple);
  if (error) co_return;
  abandon();
  const auto& stop = spec_.stop;
  if (co_await runtime::sleep_for(stop.interrupt + stop.close + stop.term + kForcedEnd)) std::_Exit(1);
}

}  // namespace omakase::runner
