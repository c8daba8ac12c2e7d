// An agent run, a thread, a project and a memory, with their JSON forms. Values only; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/message.h"

namespace omakase::model {

// Tokens of the model's calls.
struct Usage {
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t requests = 0;

  bool operator==(const Usage&) const = default;
};

// One call of the model, as the relay saw it pass.
struct ModelCall {
  std::string id;  // of the relay's making
  std::string model;
  int status = 0;  // HTTP; 0 when no answer came
  Usage usage;     // requests is 1
  Timestamp started_at;
  Timestamp ended_at;
  std::string error;  // empty when the answer came whole
};

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
  // Of a session.
  PermissionMode permission_mode = PermissionMode::kBypass;
  std::optional<std::string> model;  // as it was asked for
  Usage usage;
  std::int64_t context_tokens = 0;  // 0: not known
  std::int64_t context_window = 0;

  // Not in the API.
  std::string token_hash;         // SHA-256 of the run's token; empty when it has none
  std::int64_t spool_offset = 0;  // bytes of the runner's spool whose effects are stored
};

// What a number of runs come to together.
struct RunTotals {
  std::int64_t runs = 0;
  std::int64_t completed = 0;
  std::int64_t failed = 0;
  std::optional<double> cost_usd;  // nullopt: of none it is known
  Usage usage;
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
  PermissionMode permission_mode = PermissionMode::kBypass;  // of its next session
  std::optional<std::string> model;                          // nullopt: the agent's

  std::string agent_session;  // the agent's own name for the conversation, to resume it; empty before the first. Not in the API.
};

struct Project {
  std::string id;
  std::string name;
  std::optional<std::string> repo_url;
  std::optional<std::string> default_branch;
  Timestamp created_at;
  std::optional<Timestamp> archived_at;
  bool has_git_token = false;
  std::optional<std::string> agent_network;  // internet, model, open; nullopt: as the server is set
  bool trust_repository = false;             // its own hooks, MCP servers and settings run
};

// A variable of the agents' shells in a project. The value is sealed (store/secret_box.h).
struct Variable {
  std::string name;
  std::string sealed_value;
  Timestamp updated_at;
};

// A consent for good: this tool with exactly this input, in this project.
struct PermissionRule {
  std::string id;
  std::string project_id;
  std::string tool;
  json::object input;
  Timestamp created_at;
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
json::object to_json(const Usage& usage);
json::object to_json(const RunTotals& totals);
json::object to_json(const Variable& variable);
json::object to_json(const PermissionRule& rule);

}  // namespace omakase::model
