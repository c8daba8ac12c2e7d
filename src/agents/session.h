// One session: a run from the set-up of its workspace to its end, in work mode or, with an agent that only reads, in chat mode.
// Held by WorkSessions; lives on the Loop's thread. It hears the person by listening to its own run's feed, as a browser does,
// and the agent through its runner's records; everything it learns goes into the feed together with how far the runner's spool
// was read, so that a restart repeats nothing. The run goes on when the agent's process ends: the next message starts it again in
// the same conversation. It ends by end(), by 30 minutes without activity, or when the set-up or the agent's start fails.
// detach() leaves the runner to the next server. Files: session.cc its life, session_start.cc what makes the agent ready,
// session_attach.cc the taking up of a runner, session_records.cc the agent's words, session_messages.cc the person's,
// session_consents.cc what the agent asks for, session_watch.cc what takes too long.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "agents/claude/transcript.h"
#include "agents/consents.h"
#include "agents/inbox.h"
#include "agents/options.h"
#include "agents/workspace_setup.h"
#include "runner/link.h"

namespace omakase::agents {

// What a person changes in a message that waits. `position`: its new place among the waiting ones. `now`: stop the turn for it.
struct MessageChange {
  std::optional<std::string> content;
  std::optional<bool> queued;
  std::optional<std::size_t> position;
  bool now = false;
  bool withdraw = false;
};

class Session {
 public:
  Session(SessionServices services, const SessionOptions& options, model::Run run, model::Project project, model::Thread thread);
  ~Session();

  // `recovered`: an earlier server began it.
  void start(bool recovered);

  // Stops the turn; kConflict idle when the agent is not busy.
  Result<void> interrupt();

  // kNotFound message_not_found; kConflict already_delivered, withdrawn, run_not_active; kInvalid invalid_position. The caller
  // keeps the session alive meanwhile.
  Task<Result<model::Message>> change_message(std::string message_id, MessageChange change);

  // kNotFound permission_not_found; kConflict already_answered; kInvalid as check_answer().
  Task<Result<model::Permission>> answer(std::string request_id, ConsentAnswer answer);

  // In force at once for what the agent has not begun; what was allowed for the session is asked again. kConflict chat_mode,
  // run_not_active.
  Task<Result<void>> set_permission_mode(model::PermissionMode mode);
  Task<Result<void>> set_model(std::optional<std::string> model);

  // Ends the run; returns when it has ended and nothing of it runs any more.
  Task<> end(std::string why);

  // Lets go of it: the runner keeps the agent, another server takes it up.
  Task<> detach();

  bool over() const { return over_; }
  bool busy() const { return busy_; }
  std::optional<std::string> attention() const;
  const model::Run& run() const { return run_; }
  // Of the process that it holds now, or held last.
  std::string runner_folder() const;
  // The part of the API's WorkSession that only the one who holds it knows.
  json::object describe() const;
  // What the agent offers to choose from: [{value, displayName, description?}].
  json::array models() const;

 private:
  // Where the runner's spools were read to: `run.spool_offset` counts the processes that the run has had in its upper bits.
  static constexpr int kGenerationShift = 40;

  bool chat() const { return run_.kind == model::RunKind::kChat; }
  Task<> work(bool recovered);
  Task<bool> set_up();
  Task<> tell_step(SetupStep step, std::string output);
  Task<bool> launch();
  Task<runner::Secrets> secrets_for_agent();
  Task<SetupContext> context_for_setup();
  Task<SetupSecrets> secrets_for_setup();
  Task<SetupPurpose> setup_purpose();
  Task<> tell_coding();
  Task<bool> attach();
  Task<bool> reach(std::string folder);
  Task<> replay_known(std::uint64_t stored);
  Task<> follow();
  Task<> finish(model::RunStatus status, model::MessageType type, std::string text, std::optional<json::object> setup = {});

  // What takes too long.
  Task<> watch_idle();
  Task<> watch_stop(std::uint64_t turn);
  Task<> watch_silence();
  Task<> stop_silent(std::chrono::seconds quiet);
  bool may_be_silent() const;
  bool may_start() const;
  std::string what_is_next(int deaths) const;
  void heard();

  // The agent's words.
  Task<> on_record(const runner::Record& record);
  Task<> on_note(const runner::Note& note, std::uint64_t end_offset, Timestamp at);
  Task<> on_exit(const runner::note::Exit& exit, std::uint64_t end_offset, Timestamp at);
  Task<> apply(claude::Outcome outcome, std::uint64_t end_offset, Timestamp at, std::vector<store::Change> more = {});
  void show(const claude::Live& live);
  void conclude(const claude::TurnEnd& end, std::vector<store::Change>& changes);
  void warn_of_retry(const claude::ApiRetry& retry, std::vector<store::Change>& changes);
  Task<bool> commit(std::vector<store::Change> changes, std::optional<std::uint64_t> end_offset);
  std::optional<store::UpdateRun> run_update(const claude::Outcome& outcome);
  void take_answer(const claude::ControlResponse& answer);
  void renew_process();

  // The person's.
  void on_message(const model::Message& message);
  void send_waiting();
  bool send_entry(Inbox::Entry& entry, bool idle);
  void read_files();
  Task<> read_files_of(std::string message_id, std::vector<model::Attachment> attachments);
  Task<Result<void>> take_back(std::string message_id);
  Task<> take_all_back();
  Inbox::Entry* given_back(const claude::ControlResponse& answer);
  Task<Result<model::Message>> store_change(std::string message_id, const MessageChange& change);
  Task<Result<void>> move_message(std::string message_id, std::size_t position);
  Task<base::Failure> why_gone(std::string message_id);
  void tell(const runner::ServerMessage& message);
  void send_line(std::string id, std::string line);
  Task<std::optional<claude::ControlResponse>> ask(std::string id, std::string line);

  // What the agent asks for.
  Task<> on_request(const claude::ControlRequest& request, std::uint64_t end_offset, Timestamp at);
  Task<> on_cancelled(const std::string& agent_request_id, std::uint64_t end_offset);
  Task<bool> allowed_before(const model::Permission& permission);
  Task<Result<model::Permission>> pending(std::string request_id);
  Task<Result<model::Permission>> resolve(store::ResolvePermission resolution);
  Task<> deny_expired();
  Task<> watch_consents();
  std::vector<store::Change> cancel_pending() const;
  Task<> load_consents();
  void set_agent_mode(model::PermissionMode mode);
  bool free_process() const { return process_mode_ == model::PermissionMode::kBypass; }

  void set_busy(bool busy);
  void publish();
  store::Change status_message(std::string text, model::MessageType type = model::MessageType::kStatus) const;
  std::string runner_folder(std::int64_t generation) const;
  std::string display_name() const;
  std::uint64_t known_offset() const;

  SessionServices services_;
  const SessionOptions& options_;
  model::Run run_;
  model::Project project_;
  model::Thread thread_;
  ProjectFolders folders_;

  runtime::TaskGroup tasks_;
  runtime::TaskGroup setup_;
  runtime::Signal changed_;
  std::unique_ptr<feed::Feed::Listener> listener_;
  Inbox inbox_;
  Consents consents_;

  std::unique_ptr<runner::RunnerLink> link_;
  std::unique_ptr<claude::Transcript> transcript_;
  std::int64_t generation_ = 0;
  std::map<std::string, std::optional<claude::ControlResponse>> asked_;  // our requests whose answer somebody waits for
  Timestamp process_started_;
  std::set<std::string> written_;  // consents that this process has surely been given
  // What this process was started in; one that may do everything can be told to ask, but not to plan, and the other way round
  // only a new one may do everything.
  process::Network network_ = process::Network::kOpen;  // of the agent's process
  model::PermissionMode process_mode_ = model::PermissionMode::kBypass;
  model::PermissionMode agent_mode_ = model::PermissionMode::kBypass;  // what the agent was told last
  bool ready_ = false;                                                 // this process takes input
  bool answered_ = false;  // this process has said something: it was not a failed start
  bool busy_ = false;
  bool in_turn_ = false;  // between the agent's word that a turn begins and its end
  bool ending_ = false;
  bool detaching_ = false;
  bool over_ = false;
  bool told_retry_ = false;
  bool refused_ = false;      // the model refused our key: the turn is being stopped because of it
  bool making_room_ = false;  // the turn is being stopped for a message
  bool told_death_ = false;   // the chat says already why the agent's process ends
  bool failed_turn_ = false;  // the last turn ended in an error
  int failed_starts_ = 0;
  int deaths_ = 0;         // of processes in a row that died at work and had received nothing
  std::string half_line_;  // what the process said last, when it broke off within it
  std::uint64_t turn_ = 0;
  std::string end_reason_;
  double cost_before_ = 0;  // of the run's earlier processes
  Timestamp active_at_;
  std::map<std::string, Timestamp> step_started_;
  std::optional<json::object> failed_step_;
  Timestamp setup_started_;

  std::chrono::steady_clock::time_point heard_at_;
  std::set<std::string> model_calls_;    // under way
  std::optional<json::object> silence_;  // told
  bool stopped_silent_ = false;          // the turn is being stopped because of it

  std::optional<WorkspaceInfo> workspace_;
  std::optional<Timestamp> fetched_at_;
  std::string model_;  // as the agent says
  json::array models_;
};

}  // namespace omakase::agents
