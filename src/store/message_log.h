// Runs and their messages: the durable record that everything else follows. Every change is one commit(): all of it or nothing,
// and on disk before the Task ends. Written only by feed/. Called on the Loop's thread; engines do their work elsewhere and
// resume there. Order: a message's timestamp is allotted inside the commit as max(now, last + 1 microsecond): with SQLite over
// the whole store. Errors: kNotFound run_not_found; kConflict run_not_active, id_conflict, session_exists; kUnavailable
// store_unavailable, disk_full.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "model/run.h"
#include "runtime/asio.h"

namespace omakase::store {

using base::Result;
using base::Timestamp;
using runtime::Task;

// A new run. kConflict session_exists when it is a work session and its project has an active one (find it with
// active_session()).
struct StartRun {
  model::Run run;
};

// A message to store; its timestamp, project, feature and (unless given) thread are filled in from the run and the clock.
struct AppendMessage {
  model::Message message;
  // Refuse with run_not_active when the run has ended. The decision is taken inside the commit.
  bool require_active = true;
  // The id came from outside: when it is already stored in this run with the same content and sender, that message is the result
  // and `existed` is set; with anything else id_conflict. Ids that this program made are not looked up.
  bool id_given = false;
};

// Changes what may still change in a stored message: its receipt and the results of its tools.
struct UpdateMessage {
  std::string run_id;
  Timestamp timestamp;  // which message
  std::optional<Timestamp> delivered_at;
  std::optional<std::vector<model::ToolUse>> tool_uses;
};

// Changes a run; run_not_active when `status` is given and the run has ended already. An ending status sets completed_at.
struct UpdateRun {
  std::string run_id;
  std::optional<model::RunStatus> status;
  std::optional<std::string> output_summary;
  std::optional<std::string> error_message;
  std::optional<double> cost_usd;
  std::optional<std::string> agent_session;  // kept with the run's thread
};

using Change = std::variant<StartRun, AppendMessage, UpdateMessage, UpdateRun>;

struct Commit {
  std::vector<Change> changes;
  // The changes follow from the first `spool_end` bytes of the run's spool: when that much is stored already, nothing is changed
  // and `replayed` is set. Guards against a replay storing anything twice.
  struct Spool {
    std::string run_id;
    std::int64_t end = 0;
  };
  std::optional<Spool> spool;
};

struct Committed {
  std::vector<model::Message> appended;  // one for each AppendMessage, in order, as stored
  std::vector<bool> existed;             // for each of them: it was there before
  std::vector<model::Message> updated;   // one for each UpdateMessage whose message exists, whole
  std::optional<model::Run> run;         // after the last StartRun or UpdateRun
  bool replayed = false;
};

struct MessageQuery {
  enum class By { kRun, kThread, kFeature } by = By::kRun;
  std::string id;                   // of the run, thread or feature
  std::optional<Timestamp> since;   // exclusive
  std::optional<Timestamp> until;   // inclusive
  std::optional<Timestamp> before;  // exclusive
  bool last = false;                // the last `limit` of the range instead of the first; always ascending
  std::optional<model::Sender> sender;
  std::size_t limit = 1000;
  std::size_t max_bytes = SIZE_MAX;  // stops after the message that passes this many bytes of content
};

class MessageLog {
 public:
  virtual ~MessageLog() = default;

  virtual Task<Result<Committed>> commit(Commit commit) = 0;

  // Ascending by timestamp. An unknown id is an empty list.
  virtual Task<Result<std::vector<model::Message>>> list(MessageQuery query) = 0;

  // A person's messages to this run that its agent has not received, ascending.
  virtual Task<Result<std::vector<model::Message>>> undelivered(std::string run_id) = 0;

  // A message by an id that its sender gave, wherever it is.
  virtual Task<Result<std::optional<model::Message>>> find_given(std::string id) = 0;

  virtual Task<Result<std::optional<model::Run>>> run(std::string run_id) = 0;
  virtual Task<Result<std::optional<model::Run>>> run_by_token(std::string token_hash) = 0;
  virtual Task<Result<std::optional<model::Run>>> active_session(std::string project_id) = 0;
  virtual Task<Result<std::optional<model::Run>>> active_run_of_thread(std::string thread_id) = 0;

  // Every active run of a kind: what a starting server looks after.
  virtual Task<Result<std::vector<model::Run>>> active_runs(model::RunKind kind) = 0;

  // The runs of a project, newest first; `before` (exclusive, by started_at) pages.
  virtual Task<Result<std::vector<model::Run>>> runs_of_project(std::string project_id, std::optional<Timestamp> before,
                                                                std::size_t limit) = 0;

  // The timestamp of the newest message of the whole store; zero when there is none.
  virtual Task<Result<Timestamp>> head() = 0;
};

}  // namespace omakase::store
