// What every session works with: the services of the house and the settings of this server. Built once in app/; outlives all
// sessions.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "agents/network_policy.h"
#include "feed/feed.h"
#include "process/spawn.h"
#include "runner/secrets.h"
#include "runner/spec.h"
#include "store/catalog.h"
#include "store/message_log.h"
#include "store/secret_box.h"

namespace omakase::agents {

using base::Result;
using base::Timestamp;
using runtime::Task;
namespace json = boost::json;

// What became of sessions since the server began.
struct SessionCounts {
  std::uint64_t started = 0;
  std::uint64_t taken_up = 0;        // of an earlier server
  std::uint64_t agent_starts = 0;    // each with a runner of its own
  std::uint64_t agent_restarts = 0;  // of those, in a session that had an agent before
};

struct SessionServices {
  runtime::Executor executor;
  const base::Clock& clock;
  store::MessageLog& log;
  store::Catalog& catalog;
  feed::Feed& feed;
  const store::SecretBox& secrets;
  SessionCounts* counts = nullptr;  // WorkSessions keeps them
};

struct SessionOptions {
  std::filesystem::path workspace_root;
  std::filesystem::path state_root;          // of set-ups and agents' homes, a folder for each project
  std::filesystem::path runners;             // a folder for each runner
  std::filesystem::path scripts;             // work-setup.sh and what it calls
  std::filesystem::path refused_calls;       // what they run may not ask the kernel: a filter for bubblewrap
  std::string claude_bin;                    // absolute; empty when there is none
  std::string path;                          // PATH of scripts and agents
  process::Environment setup_environment;    // HOME, SSH_AUTH_SOCK…: the operator's, so that git finds its credentials
  process::Environment network_environment;  // proxies and certificates, for the agent; seen by who may read a spec.json (0600)
  std::string model_access = "relay";        // "relay", "practice" (both through the runner's relay) or "login"
  std::optional<runner::ModelUpstream> model_upstream;  // where the relay passes the agent's calls on to; none with a login
  std::string token_variable = "ANTHROPIC_API_KEY";     // tells the agent the relay's token; of the kind that the real one has
  std::filesystem::path login_file;                     // of Claude, with "login": its tools can read it
  std::chrono::seconds model_head_timeout{300};         // until an answer of the model begins
  std::chrono::seconds model_idle_timeout{120};         // of silence within one
  std::string model;
  bool metered = true;  // false: the model is a script, and what its tokens would cost means nothing
  bool sandbox = true;
  NetworkPolicy network;
  runner::SandboxLimits limits;
  bool allow_local = true;  // repositories by local path
  std::chrono::seconds idle_timeout{30 * 60};
  std::chrono::seconds orphan_timeout{10 * 60};
  std::chrono::seconds clone_timeout{15 * 60};
  std::chrono::seconds install_timeout{30 * 60};
  int clone_limit_mb = 10 * 1024;
  int install_limit_mb = 20 * 1024;
  std::chrono::seconds permission_timeout{24 * 60 * 60};
  std::chrono::seconds spool_retention{7 * 24 * 60 * 60};  // of what ended runners left
  std::chrono::seconds silence_notice{20};
  std::chrono::seconds silence_limit{5 * 60};
  std::size_t max_sessions = 32;
  model::PermissionMode permission_mode = model::PermissionMode::kBypass;  // of new threads
};

// Folders of one project, and of one agent in it.
struct ProjectFolders {
  std::filesystem::path workspace;
  std::filesystem::path state;
  std::filesystem::path home;     // of its agents
  std::filesystem::path context;  // what this agent is told: instructions, memories

  ProjectFolders(const SessionOptions& options, const std::string& project_id, const std::string& agent_name)
      : workspace(options.workspace_root / "work" / project_id),
        state(options.state_root / project_id),
        home(state / "home"),
        context(state / "context" / agent_name) {}
};

}  // namespace omakase::agents
