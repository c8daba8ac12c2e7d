// The check-list of what this machine needs: for `omakase doctor`, and for the page through GET /api/doctor. Runs small programs
// with deadlines; nothing is changed.
#pragma once

#include <string>

#include "app/config.h"
#include "app/model_access.h"
#include "base/json.h"
#include "runtime/asio.h"

namespace omakase::app {

struct Machine {
  std::string path;        // PATH for scripts and agents
  std::string claude_bin;  // absolute, or empty
};

// Where programs are looked for, and the agent's.
Machine look_at_machine(const Config& config);

// {version, practice, practiceReason?, checks: [{id, state, title, detail, command?}]}
runtime::Task<base::json::object> examine(Config config, Machine machine, ModelAccess model);

}  // namespace omakase::app
