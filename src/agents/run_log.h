// What the log of a run says of the changes that its session stores: one line for each step of the set-up, status, error, word of
// the agent, tool, question and call of the model. Pure.
#pragma once

#include <string>
#include <vector>

#include "agents/claude/transcript.h"
#include "store/message_log.h"

namespace omakase::agents {

// The lines of these changes, in their order; `at` is the time of those that have none of their own.
std::vector<model::LogLine> log_of(const std::vector<store::Change>& changes, base::Timestamp at);

// The lines of tools that have ended.
std::vector<model::LogLine> log_of(const std::vector<claude::Live>& live, base::Timestamp at);

// Stores them with the changes; none, nothing is added.
void add_log(std::vector<store::Change>& changes, const std::string& run_id, std::vector<model::LogLine> lines);

}  // namespace omakase::agents
