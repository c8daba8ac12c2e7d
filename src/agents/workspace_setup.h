// Prepares a project's workspace by running scripts/work-setup.sh, and tells its progress line by line. One coroutine a set-up,
// on the Loop's thread; cancelling it ends the script and all it started. What the script prints may come from a hostile
// repository: it is made valid UTF-8, stripped of control sequences and bounded before it is passed on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/options.h"
#include "model/run.h"

namespace omakase::agents {

// One line of the script's own: `@step <step> <state> <text>`.
struct SetupStep {
  std::string step;   // clone, fetch, changes, install, context
  std::string state;  // running, done, warning, failed
  std::string text;

  static std::optional<SetupStep> parse(std::string_view line);
};

// `@info branch=main commit=9c41e7a uncommitted=2`, what is known of the workspace once it is ready.
struct WorkspaceInfo {
  std::string branch;
  std::string commit;
  std::string uncommitted;

  bool read(std::string_view line);
};

// What opens the project's repository. It goes to the script over a pipe; the agent gets none of it.
struct SetupSecrets {
  std::string git_token;  // empty: none
};

// What the agent is told of itself and of the project.
struct SetupContext {
  std::vector<model::Memory> memories;
  std::optional<std::string> personality;  // nullopt: its own
};

enum class SetupPurpose {
  kWork,
  kChat,        // the agent only reads: nothing is installed
  kChatBeside,  // and a work session is in the workspace: it is used as it is
};

class WorkspaceSetup {
 public:
  struct Listener {
    std::function<Task<>(const SetupStep& step, std::string output)>
        on_step;  // `output`: the last lines of a step that failed or warned
    std::function<void(std::string_view step, std::string_view text)> on_output;
  };

  WorkspaceSetup(const SessionOptions& options, Listener listener) : options_(options), listener_(std::move(listener)) {}

  // kUnavailable setup_failed: its text says what to do; the same was told as a failed step. What the set-up installs has the
  // network that the agent will have; kUnavailable network_unavailable, before anything is begun, where that cannot be had.
  Task<Result<WorkspaceInfo>> run(const model::Project& project, const model::Thread& thread, model::Role role,
                                  SetupContext context, SetupSecrets secrets, SetupPurpose purpose);

 private:
  Result<process::Command> command(const model::Project& project, const model::Thread& thread, model::Role role,
                                   const SetupContext& context, SetupPurpose purpose) const;
  void on_line(bool own, std::string_view line);

  const SessionOptions& options_;
  Listener listener_;
  WorkspaceInfo info_;
  std::vector<std::pair<SetupStep, std::string>> steps_;  // told and not yet passed on
  SetupStep last_;
  std::string tail_;
};

}  // namespace omakase::agents
