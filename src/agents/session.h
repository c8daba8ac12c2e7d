// One work session: a run from the set-up of its workspace to its end. Owned by WorkSessions; lives on the Loop's thread. It
// hears the person by listening to its own run's feed, as a browser does, and the agent through its runner's records; everything
// it learns goes into the feed together with how far the runner's spool was read, so that a restart repeats nothing. The run goes
// on when the agent's process ends: the next message starts it again in the same conversation. It ends by end(), by 30 minutes
// without activity, or when the set-up or the agent's start fails. detach() leaves the runner to the next server.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "agents/claude/transcript.h"
#include "agents/options.h"
#include "agents/workspace_setup.h"
#include "runner/link.h"

namespace omakase::agents {

class Session {
 public:
  Session(SessionServices services, const SessionOptions& options, model::Run run, model::Project project, model::Thread thread);
  ~Session();

  // `recovered`: an earlier server began it.
  void start(bool recovered);

  // Stops the turn; kConflict idle when the agent is not busy.
  Result<void> interrupt();

  // Ends the run; returns when it has ended and nothing of it runs any more.
  Task<> end(std::string why);

  // Lets go of it: the runner keeps the agent, another server takes it up.
  Task<> detach();

  bool over() const { return over_; }
  const model::Run& run() const { return run_; }
  json::object describe() const;

 private:
  // Where the runner's spools were read to: `run.spool_offset` counts the processes that the run has had in its upper bits.
  static constexpr int kGenerationShift = 40;
  struct Waiting {
    model::Message message;
    bool sent = false;
    bool opens_turn = false;  // it was sent to an idle agent: the turn that begins next is its own
  };

  Task<> work(bool recovered);
  Task<bool> set_up();
  Task<> tell_step(SetupStep step, std::string output);
  Task<bool> launch();
  Task<bool> attach();
  Task<> replay_known(std::uint64_t stored);
  Task<> follow();
  Task<> watch_idle();
  Task<> watch_stop(std::uint64_t turn);

  Task<> on_record(const runner::Record& record);
  Task<> on_exit(const runner::note::Exit& exit, std::uint64_t end_offset, Timestamp at);
  Task<> apply(claude::Outcome outcome, std::uint64_t end_offset, Timestamp at, std::vector<store::Change> more = {});
  void show(const claude::Live& live);
  void conclude(const claude::TurnEnd& end, std::vector<store::Change>& changes);
  void warn_of_retry(const claude::ApiRetry& retry, std::vector<store::Change>& changes);
  Task<bool> commit(std::vector<store::Change> changes, std::optional<std::uint64_t> end_offset);

  void on_message(const model::Message& message);
  void send_waiting();
  void send_line(std::string id, std::string line);
  void tell(const runner::ServerMessage& message);
  void set_busy(bool busy);
  bool expecting() const;
  Task<> finish(model::RunStatus status, model::MessageType type, std::string text, std::optional<json::object> setup = {});

  store::Change status_message(std::string text, model::MessageType type = model::MessageType::kStatus) const;
  std::string runner_folder() const;
  std::int64_t generation() const { return generation_; }
  std::string display_name() const;

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
  std::map<std::int64_t, Waiting> waiting_;                     // a person's messages not yet received, by timestamp
  std::unordered_map<std::string, std::int64_t> waiting_uuid_;  // agent's name of a message → timestamp

  std::unique_ptr<runner::RunnerLink> link_;
  std::unique_ptr<claude::Transcript> transcript_;
  std::int64_t generation_ = 0;
  bool ready_ = false;     // this process takes input
  bool answered_ = false;  // this process has said something: it was not a failed start
  bool busy_ = false;
  bool in_turn_ = false;  // between the agent's word that a turn begins and its end
  bool ending_ = false;
  bool detaching_ = false;
  bool over_ = false;
  bool told_retry_ = false;
  bool refused_ = false;  // the model refused our key: the turn is being stopped because of it
  int failed_starts_ = 0;
  std::uint64_t turn_ = 0;
  std::string end_reason_;
  double cost_before_ = 0;  // of the run's earlier processes
  Timestamp active_at_;
  std::map<std::string, Timestamp> step_started_;
  std::optional<json::object> failed_step_;
  Timestamp setup_started_;

  std::optional<WorkspaceInfo> workspace_;
  std::optional<Timestamp> fetched_at_;
  std::string model_;
};

}  // namespace omakase::agents
