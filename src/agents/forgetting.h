// Takes away what a deleted conversation left on disk beside the store: the spools of its runners, and the agent's own transcript
// of it. Blocking. The agent's home is hostile: links in it are not followed.
#pragma once

#include <string>
#include <vector>

#include "agents/options.h"

namespace omakase::agents {

struct Forgotten {
  std::string project_id;
  std::string agent_name;
  std::string agent_session;  // may be empty
  std::vector<std::string> run_ids;
};

// How many files and folders were taken away. What cannot be is left.
std::size_t forget_files(const SessionOptions& options, const Forgotten& forgotten);

}  // namespace omakase::agents
