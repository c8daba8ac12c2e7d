// Looks twice a second at how much an agent's sandbox holds: processes, threads, memory. An agent, or what a repository made it
// run, may start more than a machine has; the sandbox bounds what it reaches, not what it takes. Owned by HeldAgent, on its
// Loop's thread. Only looks: ending the sandbox is the owner's.
#pragma once

#include <sys/types.h>

#include <optional>

#include "runner/protocol.h"
#include "runner/spec.h"
#include "runtime/asio.h"

namespace omakase::runner {

struct SandboxLoad {
  std::int64_t processes = 0;
  std::int64_t threads = 0;
  std::int64_t memory_bytes = 0;  // that is nobody else's; what is shared or on disk does not count
};

// Of the sandbox whose first process is `inside`; all 0 when it is gone.
SandboxLoad sandbox_load(pid_t inside);

// The limit that is exceeded, if one is.
std::optional<note::LimitReached> exceeded(const SandboxLoad& load, const SandboxLimits& limits);

// Returns the first limit that is exceeded; until cancelled.
runtime::Task<note::LimitReached> watch_sandbox(pid_t inside, SandboxLimits limits);

}  // namespace omakase::runner
