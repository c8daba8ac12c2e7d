// What of the network a session's agent is given, and what its set-up installs: what its project asks for, else what the server
// is set to. What was asked for and cannot be had is refused, never widened in silence; only the server's own default gives way,
// once, at its start (app/serve). A value and a pure function.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "process/sandbox.h"

namespace omakase::agents {

struct NetworkPolicy {
  process::Network usual = process::Network::kOpen;
  // Why an agent here cannot have them; empty: it can.
  std::string internet_missing;
  std::string model_missing;
};

// `wanted` is a project's setting. kUnavailable `network_unavailable`.
base::Result<process::Network> network_for(const NetworkPolicy& policy, const std::optional<std::string>& wanted);

}  // namespace omakase::agents
