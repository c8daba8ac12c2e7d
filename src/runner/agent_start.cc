#include "runner/agent_start.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "process/confined.h"

namespace omakase::runner {

namespace {

using base::Result;
using process::Confined;
using process::Fd;
using runtime::Task;

bool own_network(const RunnerSpec& spec) { return spec.sandbox && spec.sandbox->network != process::Network::kOpen; }

Result<std::unique_ptr<Relay>> make_relay(runtime::Executor executor, const RunnerSpec& spec, const Secrets& secrets,
                                          const base::Clock& clock, const Scrubber& hidden, Spool& spool) {
  if (!spec.relay) return nullptr;
  if (!secrets.relay) return base::invalid("bad_secrets", "The runner was told of a relay and not where it leads.");
  return std::make_unique<Relay>(std::move(executor), clock, *spec.relay, *secrets.relay, hidden, spool);
}

// When memory is short the kernel is to end an agent's tools, not the server or another runner. Best effort.
void offer_to_the_kernel_first(pid_t pid) {
  const Fd file(open(("/proc/" + std::to_string(pid) + "/oom_score_adj").c_str(), O_WRONLY | O_CLOEXEC));
  if (file) [[maybe_unused]]
    const ssize_t written = write(file.get(), "500", 3);
}

Task<Result<void>> start_in_sandbox(StartedAgent& agent, process::Command command, const process::SandboxSpec& sandbox) {
  // bubblewrap would start and then fail inside, with the agent's own output as the only sign.
  const auto path = process::environment_value(command.environment, "PATH");
  if (!process::find_executable(command.argv.front(), path)) {
    co_return base::fail(base::ErrorKind::kUnavailable, "program_missing",
                         "The program \"" + command.argv.front() + "\" is not installed.");
  }
  command.folder.clear();
  command.argv = process::sandboxed(sandbox, command.argv);
  OMAKASE_CO_TRY(Confined confined, co_await process::start_confined(std::move(command), sandbox.network));
  agent.child = std::move(confined.child);
  agent.uplink = std::move(confined.uplink);
  agent.inside = confined.inside;
  agent.inside_pidfd = Fd(static_cast<int>(syscall(SYS_pidfd_open, confined.inside, 0)));
  if (agent.relay && confined.listener) OMAKASE_CO_CHECK(agent.relay->listen_on(std::move(confined.listener)));
  co_return Result<void>{};
}

}  // namespace

Task<Result<StartedAgent>> start_agent(const RunnerSpec& spec, const Secrets& secrets, const base::Clock& clock,
                                       const Scrubber& hidden, Spool& spool) {
  const auto executor = co_await runtime::asio::this_coro::executor;
  StartedAgent agent;
  OMAKASE_CO_TRY(agent.relay, make_relay(executor, spec, secrets, clock, hidden, spool));
  if (agent.relay && !own_network(spec)) OMAKASE_CO_CHECK(agent.relay->listen());
  process::Command command{
      .argv = spec.argv, .environment = spec.environment, .folder = spec.folder, .with_input = true, .die_with_parent = true};
  const auto add = [&](const process::Environment& more) {
    command.environment.insert(command.environment.end(), more.begin(), more.end());
  };
  add(secrets.environment);
  if (agent.relay) add(agent.relay->environment(own_network(spec) ? Confined::kPort : agent.relay->port()));
  if (spec.sandbox) {
    OMAKASE_CO_CHECK(co_await start_in_sandbox(agent, std::move(command), *spec.sandbox));
  } else {
    OMAKASE_CO_TRY(agent.child, process::Child::start(executor, command));
  }
  offer_to_the_kernel_first(agent.child->pid());
  if (agent.relay) agent.relay->serve();
  co_return agent;
}

}  // namespace omakase::runner
