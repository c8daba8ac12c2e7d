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
#include "model/log_line.h"
#include "model/permission.h"
#include "model/run.h"
#include "runtime/asio.h"

namespace omakase::store {

namespace json = boost::json;
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
  // The id came from outside: when it is already stored in this run (or was, until another took it over) with the same content
  // (unless that was changed since) and sender, that message is the result and `existed` is set; with anything else id_conflict.
  // Ids that this program made are not looked up.
  bool id_given = false;
};

// Changes what may still change in a stored message: its receipt and the results of its tools.
struct UpdateMessage {
  std::string run_id;
  Timestamp timestamp;  // which message
  std::optional<Timestamp> delivered_at;
  std::optional<std::vector<model::ToolUse>> tool_uses;
};

// Changes a person's message that its agent has not received; its revision grows when anything is different then. kNotFound
// message_not_found; kConflict already_delivered, withdrawn. Withdrawing again changes nothing.
struct ChangeWaiting {
  std::string run_id;
  std::string message_id;
  std::optional<std::string> content;
  std::optional<bool> queued;
  bool withdraw = false;  // its content is removed
};

// Of the run's waiting messages, these take each other's places, in this order. Others are skipped.
struct OrderWaiting {
  std::string run_id;
  std::vector<std::string> message_ids;
};

// A person's messages that earlier sessions of the run's thread left waiting when they ended become this run's, in their order.
// None is held back any more: the turn that it was held back for is over.
struct TakeOverWaiting {
  std::string run_id;
};

// A request to store; one that is there already stays as it is.
struct AskPermission {
  model::Permission permission;
};

// The end of a pending request. kNotFound permission_not_found; kConflict already_answered, unless `if_pending`: then nothing is
// changed. answered_at is the store's now.
struct ResolvePermission {
  std::string run_id;
  std::string request_id;
  model::PermissionStatus status = model::PermissionStatus::kDenied;
  std::optional<model::PermissionScope> scope;
  bool automatic = false;
  std::optional<std::string> message;
  std::optional<json::object> answers;
  bool if_pending = false;
};

// A call of the model: kept as a row, and added to its run's usage. One that is there already stays as it is.
struct RecordModelCall {
  std::string run_id;
  model::ModelCall call;
};

// Lines for the run's log; number, run, agent and project are filled in.
struct AppendLog {
  std::string run_id;
  std::vector<model::LogLine> lines;
  bool require_active = false;  // refuse with run_not_active when the run has ended
};

// Changes a run; run_not_active when `status` is given and the run has ended already. An ending status sets completed_at.
struct UpdateRun {
  std::string run_id;
  std::optional<model::RunStatus> status;
  std::optional<std::string> output_summary;
  std::optional<std::string> error_message;
  std::optional<double> cost_usd;
  std::optional<std::string> agent_session;  // kept with the run's thread
  // Kept with the run's thread; what was allowed for the session counts from now on as allowed once.
  std::optional<model::PermissionMode> permission_mode;
  std::optional<std::optional<std::string>> model;
  std::optional<std::int64_t> context_tokens;
  std::optional<std::int64_t> context_window;
};

// Takes a thread away for good: its messages, requests, log and marks of what was read. Its runs stay for what they cost, without
// words. kNotFound thread_not_found; kConflict thread_active while a run of it is active.
struct DeleteThread {
  std::string thread_id;
};

using Change = std::variant<StartRun, AppendMessage, UpdateMessage, ChangeWaiting, OrderWaiting, TakeOverWaiting, AskPermission,
                            ResolvePermission, RecordModelCall, AppendLog, UpdateRun, DeleteThread>;

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
  // One for each UpdateMessage whose message exists and each ChangeWaiting, and those that an OrderWaiting moved or a
  // TakeOverWaiting took over; whole.
  std::vector<model::Message> updated;
  std::vector<model::Permission> permissions;  // those asked (or there already) and those resolved by it, as they are now
  std::vector<model::LogLine> log;             // of every AppendLog, in order, as stored
  std::optional<model::Run> run;               // after the last StartRun, UpdateRun or RecordModelCall
  std::vector<std::string> forgotten_runs;     // of a DeleteThread
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

// Lines of a project's log, in the order in which they were stored.
struct LogQuery {
  std::string project_id;
  std::optional<std::int64_t> since;                // exclusive: the first ones after this line; without it the last ones
  std::optional<std::int64_t> before;               // exclusive
  std::vector<std::string> agents;                  // empty: of all
  model::LogLevel level = model::LogLevel::kDebug;  // and above
  std::string text;                                 // which the message has; letters of either size
  std::size_t limit = 1000;
};

struct LogPage {
  std::vector<model::LogLine> lines;  // ascending
  // Where the next page of the same direction begins; nullopt when there is none. A search gives up a page when it has looked at
  // kMaxLogLookedAt lines.
  std::optional<std::int64_t> next;
};

// Messages of a project's conversations that have all the words, and conversations whose title has them.
struct SearchQuery {
  // Where a page gave up: the conversation, when it was last active then, and the message before which to go on.
  struct Place {
    Timestamp active_at;
    std::string thread_id;
    Timestamp before;
  };
  std::string project_id;
  std::vector<std::string> words;  // as base::fold_case has them
  std::optional<Place> from;
  std::size_t limit = 50;
};

struct SearchHit {
  model::Thread thread;
  struct Found {
    std::string id;
    Timestamp timestamp;
    model::Sender sender;
    model::MessageType type;
    std::string content;
    std::optional<model::Author> author = std::nullopt;
  };
  std::optional<Found> message;  // nullopt: it is the title that has them
};

struct SearchPage {
  // The conversation with the latest activity first, and in each its title, then the newest message first.
  std::vector<SearchHit> hits;
  // nullopt when there is no more. A search gives up a page when it has looked at kMaxSearched messages or kMaxSearchedBytes of
  // them. A conversation that is spoken in between two pages moves to the front: what the next page had of it is not seen.
  std::optional<SearchQuery::Place> next;
};

class MessageLog {
 public:
  virtual ~MessageLog() = default;

  virtual Task<Result<Committed>> commit(Commit commit) = 0;

  // Ascending by timestamp, without those that were withdrawn. An unknown id is an empty list.
  virtual Task<Result<std::vector<model::Message>>> list(MessageQuery query) = 0;

  // A person's messages to this run that its agent has not received and that were not withdrawn, in the order of their turn:
  // by timestamp unless a person changed it.
  virtual Task<Result<std::vector<model::Message>>> undelivered(std::string run_id) = 0;

  // A person's messages to this run that were changed or withdrawn after they were stored: the newest `limit`, ascending.
  virtual Task<Result<std::vector<model::Message>>> changed_messages(std::string run_id, std::size_t limit) = 0;

  // A person's message to this run.
  virtual Task<Result<std::optional<model::Message>>> find_message(std::string run_id, std::string message_id) = 0;

  // The run's requests for consent, oldest first; `pending_only` or all of them.
  virtual Task<Result<std::vector<model::Permission>>> permissions(std::string run_id, bool pending_only) = 0;
  virtual Task<Result<std::optional<model::Permission>>> permission(std::string run_id, std::string request_id) = 0;

  // A message by an id that its sender gave, wherever it is.
  virtual Task<Result<std::optional<model::Message>>> find_given(std::string id) = 0;

  virtual Task<Result<std::optional<model::Run>>> run(std::string run_id) = 0;
  virtual Task<Result<std::optional<model::Run>>> run_by_token(std::string token_hash) = 0;
  virtual Task<Result<std::optional<model::Run>>> active_session(std::string project_id) = 0;
  virtual Task<Result<std::optional<model::Run>>> active_run_of_thread(std::string thread_id) = 0;

  // Every active run of a kind: what a starting server looks after.
  virtual Task<Result<std::vector<model::Run>>> active_runs(model::RunKind kind) = 0;

  // The active runs of a project: its work session, then the others, newest first.
  virtual Task<Result<std::vector<model::Run>>> active_runs_of_project(std::string project_id, std::size_t limit) = 0;

  // The runs of a project, newest first; `before` (exclusive, by started_at) pages.
  virtual Task<Result<std::vector<model::Run>>> runs_of_project(std::string project_id, std::optional<Timestamp> before,
                                                                std::size_t limit) = 0;

  static constexpr std::int64_t kMaxLogLines = 200'000;  // that a project keeps, more or less: its newest
  static constexpr std::size_t kMaxLogLookedAt = 20'000;
  virtual Task<Result<LogPage>> log_lines(LogQuery query) = 0;

  static constexpr std::size_t kMaxSearched = 20'000;
  static constexpr std::size_t kMaxSearchedBytes = std::size_t{32} << 20;
  virtual Task<Result<SearchPage>> search(SearchQuery query) = 0;

  // An agent's runs in all projects or in one, newest first; `before` as above. And what all of them come to. With `member`
  // only those in projects that this person is a member of.
  virtual Task<Result<std::vector<model::Run>>> runs_of_agent(std::string agent_name, std::optional<std::string> project_id,
                                                              std::optional<Timestamp> before, std::size_t limit,
                                                              std::optional<std::string> member = std::nullopt) = 0;
  virtual Task<Result<model::RunTotals>> totals_of_agent(std::string agent_name, std::optional<std::string> project_id,
                                                         std::optional<std::string> member = std::nullopt) = 0;

  // The timestamp of the newest message of the whole store; zero when there is none.
  virtual Task<Result<Timestamp>> head() = 0;
};

}  // namespace omakase::store
