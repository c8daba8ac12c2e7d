// Brings an agent's process up with what stands around it: its sandbox and network, and the relay to its model. A coroutine on
// the Runner's thread; when it fails nothing is left.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "process/child.h"
#include "process/fd.h"
#include "runner/relay.h"
#include "runner/scrubber.h"
#include "runner/secrets.h"
#include "runner/spec.h"
#include "runner/spool.h"
#include "runtime/asio.h"

namespace omakase::runner {

struct StartedAgent {
  std::unique_ptr<Relay> relay;            // none: the agent reaches its model by itself
  std::unique_ptr<process::Child> uplink;  // the way out of a network of its own; its pipes are to be read and dropped
  std::unique_ptr<process::Child> child;
  pid_t inside = -1;         // the first process in the sandbox, by our counting; -1: there is no sandbox
  process::Fd inside_pidfd;  // the same, whatever the number means later: to kill it is to kill all inside
};

// `spec`, `clock`, `hidden` and `spool` outlive the agent. Errors: `program_missing`, `spawn_failed`, `bad_secrets`, and those of
// a sandbox (process/confined.h).
runtime::Task<base::Result<StartedAgent>> start_agent(const RunnerSpec& spec, const Secrets& secrets, const base::Clock& clock,
                                                      const Scrubber& hidden, Spool& spool);

}  // namespace omakase::runner
