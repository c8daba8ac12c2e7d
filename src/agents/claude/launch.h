// How Claude Code is started: its arguments, its environment, and the sandbox around it. Pure but for looking where the program
// really is. No text of a person or a repository is ever an argument. Source: measured with version 2.1.197.
#pragma once

#include <string>

#include "agents/options.h"
#include "runner/secrets.h"
#include "runner/spec.h"

namespace omakase::agents::claude {

struct Launch {
  std::string run_id;
  std::string session;  // the agent's own name for the conversation, a UUID
  bool resume = false;  // it has been there before
  ProjectFolders folders;
  bool chat = false;  // it may read and search the workspace, and nothing else
  model::PermissionMode permission_mode = model::PermissionMode::kBypass;
  std::string model;  // empty: the agent's own choice
  bool trust_repository = false;
  process::Network network = process::Network::kOpen;  // means something in a sandbox only
};

runner::RunnerSpec make_spec(const SessionOptions& options, const Launch& launch);

// What goes over the pipe: the way to the model. A project's variables are the caller's to add.
runner::Secrets make_secrets(const SessionOptions& options);

// The mode that the agent in a runner's folder was started in, as its spec says.
model::PermissionMode started_mode(const std::string& runner_folder);
// And its network.
process::Network started_network(const std::string& runner_folder);

}  // namespace omakase::agents::claude
