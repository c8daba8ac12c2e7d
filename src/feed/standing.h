// How a run stands, for those who watch all of them. Values only.
#pragma once

#include <functional>
#include <string>

#include "model/run.h"

namespace omakase::feed {

struct Standing {
  std::string run_id;
  std::string project_id;
  std::string thread_id;  // "" without one
  std::string agent_name;
  model::RunStatus status = model::RunStatus::kStarted;
  model::RunPresence presence;
  bool asked_before = false;  // what it asks was stored when this server began: an earlier one has told it
};

using OnStanding = std::function<void(const Standing&)>;

}  // namespace omakase::feed
