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
};

runner::RunnerSpec make_spec(const SessionOptions& options, const Launch& launch);

// What goes over the pipe: the way to the model. A project's variables are the caller's to add.
runner::Secrets make_secrets(const SessionOptions& options);

}  // namespace omakase::agents::claude
