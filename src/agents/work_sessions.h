// Sessions: interactive runs of a coding agent in a project's persistent workspace, in work mode one at a time for each project,
// in chat mode (where the agent only reads) one for each thread. Starts them, finds them again after a restart, ends them. Owned
// by app/; lives on the Loop's thread. A start answers as soon as the run is stored; set-up and the agent's own start go on in
// the background and report into the conversation. stop() leaves the runners alive: they go on without this server.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agents/session.h"
#include "runtime/blocking_pool.h"

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
    std::optional<std::string> prompt;     // absent, with a thread: what earlier sessions left unread must do
    std::optional<std::string> message_id;
    std::optional<model::Author> author;                   // of the prompt
    std::vector<model::Attachment> attachments;            // of the prompt, which may be empty then
    std::optional<model::PermissionMode> permission_mode;  // absent: the thread's
    std::optional<std::string> model;                      // absent: the thread's, else the agent's
  };
  struct Started {
    model::Run run;
    std::string thread_id;
    bool existing = false;                  // the project, or the chat thread, had one: the prompt was not taken
    std::optional<model::Message> message;  // the stored prompt
  };
  // What earlier sessions of the thread left unread goes before the prompt.
  // kNotFound agent_not_found, project_not_found, thread_not_found; kInvalid no_repo_url, required; kConflict project_archived,
  // id_conflict; kTooManyRequests too_many_sessions.
  Task<Result<Started>> start(Start start);

  // Stops the current turn, not the run. kConflict idle when there is none.
  Result<void> interrupt(const std::string& run_id);

  // Ends the session and everything that runs in it; the ended run. Ending twice is harmless.
  Task<Result<model::Run>> end(std::string run_id, std::string why = "Session ended");

  // A person's message to any run, while its agent has not received it: as Session::change_message().
  Task<Result<model::Message>> change_message(std::string run_id, std::string message_id, MessageChange change);
  Task<Result<model::Permission>> answer(std::string run_id, std::string request_id, ConsentAnswer answer);
  // kConflict run_not_active when it is not held here.
  Task<Result<void>> set_permission_mode(std::string run_id, model::PermissionMode mode);
  Task<Result<void>> set_model(std::string run_id, std::optional<std::string> model);

  // What the session knows beyond its run (the API's WorkSession); nullopt when it is not held here.
  std::optional<json::object> describe(const std::string& run_id) const;
  // The gravest of what a project's sessions wait for.
  std::optional<std::string> attention(const std::string& project_id) const;

  // How many sessions there are of each kind: "busy", "waiting" for a person, "idle".
  std::map<std::string, std::size_t> states() const;
  const SessionCounts& counts() const { return counts_; }

  const SessionOptions& options() const { return options_; }

  // Takes away what a deleted thread left on disk beside the store.
  Task<> forget(const model::Thread& thread, std::vector<std::string> run_ids);

  Task<> stop();

 private:
  Session& hold(model::Run run, model::Project project, model::Thread thread);
  std::shared_ptr<Session> held(const std::string& run_id) const;
  Task<Result<Started>> start_in(const Start& start, const model::Agent& agent, model::Project project, model::Thread thread);
  Task<Result<std::optional<Started>>> existing(const model::Thread& thread);
  Task<Result<model::Thread>> thread_for(const Start& start, base::Timestamp now);
  Task<> discard(std::string run_id);
  Task<Result<void>> close_run(std::string run_id);
  void forget_ended();
  Task<> tidy();

  SessionServices services_;
  SessionOptions options_;
  SessionCounts counts_;
  runtime::TaskGroup tasks_;
  runtime::TaskGroup upkeep_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;  // by run
  std::set<std::string> starting_;                            // threads whose session is being started
  runtime::Signal started_;
  runtime::BlockingPool disk_{1};
};

}  // namespace omakase::agents
