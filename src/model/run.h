// An agent run, a thread, a project and a memory, with their JSON forms. Values only; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/message.h"

namespace omakase::model {

struct Run {
  std::string id;
  RunKind kind = RunKind::kExternal;
  std::string agent_name;
  Role role = Role::kCoder;
  std::string project_id;
  std::optional<std::string> feature_id;
  std::optional<std::string> thread_id;
  RunStatus status = RunStatus::kStarted;
  Timestamp started_at;
  std::optional<Timestamp> completed_at;
  std::optional<std::string> output_summary;
  std::optional<std::string> error_message;
  std::optional<double> cost_usd;

  // Not in the API.
  std::string token_hash;         // SHA-256 of the run's token; empty when it has none
  std::int64_t spool_offset = 0;  // bytes of the runner's spool whose effects are stored
};

// What only the server that holds the run now knows.
struct RunPresence {
  bool busy = false;
  std::optional<std::string> attention;  // "permission", "question" or "error"
};

struct Thread {
  std::string id;
  std::string agent_name;
  std::string project_id;
  std::string title;
  ThreadMode mode = ThreadMode::kWork;
  ThreadStatus status = ThreadStatus::kActive;
  Timestamp created_at;
  std::optional<Timestamp> last_message_at;
  std::int64_t message_count = 0;

  std::string agent_session;  // the agent's own name for the conversation, to resume it; empty before the first. Not in the API.
};

struct Project {
  std::string id;
  std::string name;
  std::optional<std::string> repo_url;
  std::optional<std::string> default_branch;
  Timestamp created_at;
  std::optional<Timestamp> archived_at;
};

// Something an agent is to remember about a project.
struct Memory {
  std::string id;
  std::string agent_name;
  std::string project_id;
  std::string content;
  Timestamp created_at;
};

json::object to_json(const Run& run, const RunPresence& presence);
json::object to_json(const Thread& thread);
json::object to_json(const Project& project);
json::object to_json(const Memory& memory);

}  // namespace omakase::model
