// One runner's life: start() makes the spool and the socket and starts the agent; run() holds it and returns when the runner is
// no longer needed. That is: the server said bye after the agent's end; or nobody was connected, and the agent silent, for the
// orphan timeout (the agent is stopped first); or this process was told to end. A connected server keeps it alive for ever.
// Owned by agent_run, on its Loop's thread.
#pragma once

#include <boost/asio/signal_set.hpp>

#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "runner/held_agent.h"
#include "runner/runner_folder.h"
#include "runner/secrets.h"
#include "runner/server_port.h"
#include "runner/spec.h"
#include "runner/spool.h"
#include "runtime/asio.h"
#include "runtime/signal.h"

namespace omakase::runner {

class Runner {
 public:
  // `clock`, `spec` and `folder` outlive it; `spool` was made in `folder`, whose `lock` it holds for as long as it can be
  // connected to.
  Runner(runtime::Executor executor, const base::Clock& clock, const RunnerFolder& folder, process::Fd lock,
         const RunnerSpec& spec, Spool spool);

  runtime::Task<base::Result<void>> start(const Secrets& secrets);
  runtime::Task<> run();

 private:
  using Instant = std::chrono::steady_clock::time_point;

  void receive(ServerMessage message);
  RunnerHello greeting() const;
  Instant lonely_since() const;
  std::optional<runtime::Duration> patience() const;
  bool over() const { return agent_ended_ && (bye_ || abandoned_); }
  void abandon();
  runtime::Task<> end_when_told();

  const RunnerFolder& folder_;
  process::Fd lock_;
  const RunnerSpec& spec_;
  Spool spool_;
  HeldAgent agent_;
  ServerPort port_;
  runtime::Signal changed_;
  runtime::TaskGroup tasks_;
  runtime::asio::signal_set told_to_end_;
  bool bye_ = false;
  bool abandoned_ = false;  // the agent is ended whoever is connected, and then the runner
  std::optional<Instant> agent_ended_;
};

}  // namespace omakase::runner
