// Work sessions: interactive runs of a coding agent in a project's persistent workspace, one at a time for each project. Starts
// them, finds them again after a restart, ends them. Owned by app/; lives on the Loop's thread. A start answers as soon as the
// run is stored; set-up and the agent's own start go on in the background and report into the conversation. stop() leaves the
// runners alive: they go on without this server.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/session.h"

namespace omakase::agents {

class WorkSessions {
 public:
  WorkSessions(SessionServices services, SessionOptions options);
  ~WorkSessions();

  // Takes up the sessions of an earlier server: those whose runner lives go on, the rest continue with the next message or say
  // why not.
  Task<Result<void>> recover();

  struct Start {
    std::string agent_name;
    std::string project_id;
    std::optional<std::string> thread_id;  // made when absent
    std::string prompt;
    std::optional<std::string> message_id;
  };
  struct Started {
    model::Run run;
    std::string thread_id;
    bool existing = false;                  // the project had one: the prompt was not taken
    std::optional<model::Message> message;  // the stored prompt
  };
  // kNotFound agent_not_found, project_not_found, thread_not_found; kInvalid no_repo_url; kConflict chat_unavailable.
  Task<Result<Started>> start(Start start);

  // Stops the current turn, not the run. kConflict idle when there is none.
  Result<void> interrupt(const std::string& run_id);

  // Ends the session and everything that runs in it; the ended run. Ending twice is harmless.
  Task<Result<model::Run>> end(std::string run_id);

  // What the session knows beyond its run: {model, branch, commit, fetchedAt}; nullopt when it is not
  // held here.
  std::optional<json::object> describe(const std::string& run_id) const;

  const SessionOptions& options() const { return options_; }

  Task<> stop();

 private:
  Session& hold(model::Run run, model::Project project, model::Thread thread);
  Task<Result<model::Thread>> thread_for(const Start& start, base::Timestamp now);
  Task<> discard(std::string run_id);
  Task<Result<void>> close_run(std::string run_id);
  void forget_ended();

  SessionServices services_;
  SessionOptions options_;
  runtime::TaskGroup tasks_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;  // by run
};

}  // namespace omakase::agents
