// How far agents can be confined on this machine: whether there is a sandbox, and which networks it can be given. Found out by
// really starting something in each. What is set by name and cannot be had stops the start; what is left to us gives way, with a
// warning in the log, in `doctor` and in each session.
#pragma once

#include <string>

#include "agents/network_policy.h"
#include "app/config.h"
#include "app/doctor.h"
#include "app/model_access.h"
#include "runtime/asio.h"

namespace omakase::app {

struct Confinement {
  bool sandbox = false;
  std::string sandbox_missing;  // why there is none, where it was not switched off
  agents::NetworkPolicy network;
};

// Looks; never fails. A network that nobody named gives way here.
runtime::Task<Confinement> look_at_confinement(Config config, Machine machine, ModelAccess model);

// The same for a server that starts. kUnavailable `sandbox_unavailable`, `network_unavailable`.
runtime::Task<base::Result<Confinement>> decide_confinement(Config config, Machine machine, ModelAccess model);

}  // namespace omakase::app
