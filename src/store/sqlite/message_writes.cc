#include "store/sqlite/message_writes.h"

#include <algorithm>
#include <utility>

#include "store/sqlite/rows.h"

namespace omakase::store::sqlite {

namespace {

base::Failure no_run(const std::string& id) { return base::not_found("run_not_found", "There is no agent run " + id + "."); }
base::Failure ended(const std::string& id) { return base::conflict("run_not_active", "The agent run " + id + " has ended."); }
base::Failure taken(const std::string& id) { return base::conflict("id_conflict", "The id " + id + " is already in use."); }

// Valid until the next change of a run.
Result<const StoredRun*> stored_run(WriteContext& context, const std::string& id) {
  OMAKASE_TRY(const StoredRun* run, context.runs.find(context.db, id));
  if (!run) return no_run(id);
  return run;
}

Result<model::Run> whole_run(Connection& db, const std::string& id) {
  OMAKASE_TRY(auto run, read_first(db.query(Sql::kRun, id), read_run));
  if (!run) return no_run(id);
  return *std::move(run);
}

class CommitWriter {
 public:
  CommitWriter(WriteContext& context, Committed& out) : context_(context), db_(context.db), out_(out) {}

  Result<void> operator()(const StartRun& start);
  Result<void> operator()(AppendMessage& append);
  Result<void> operator()(const UpdateMessage& update);
  Result<void> operator()(const UpdateRun& update);

 private:
  Result<bool> find_given(const AppendMessage& append);
  Result<void> insert(const model::Message& message, std::int64_t run, bool given);

  WriteContext& context_;
  Connection& db_;
  Committed& out_;
};

Result<void> CommitWriter::operator()(const StartRun& start) {
  const model::Run& run = start.run;
  if (run.kind == model::RunKind::kWorkSession && model::is_active(run.status)) {
    OMAKASE_TRY(const auto session, read_first(db_.query(Sql::kActiveSession, run.project_id), read_run));
    if (session) return base::conflict("session_exists", "The project has an active work session: " + session->id + ".");
  }
  OMAKASE_TRY(const StoredRun* existing, context_.runs.find(db_, run.id));
  if (existing) return taken(run.id);
  const auto token = run.token_hash.empty() ? std::nullopt : std::optional(run.token_hash);
  OMAKASE_CHECK(db_.execute(Sql::kInsertRun, run.id, model::word(run.kind), run.agent_name, model::word(run.role), run.project_id,
                            run.feature_id, run.thread_id, model::word(run.status), run.started_at, run.completed_at,
                            run.output_summary, run.error_message, run.cost_usd, token, run.spool_offset));
  out_.run = run;
  return {};
}

Result<void> CommitWriter::operator()(AppendMessage& append) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context_, append.message.run_id));
  if (append.id_given) {
    OMAKASE_TRY(const bool found, find_given(append));
    if (found) return {};
  }
  if (append.require_active && !run->active) return ended(append.message.run_id);
  model::Message& message = append.message;
  message.project_id = run->project_id;
  message.feature_id = run->feature_id;
  if (!message.thread_id) message.thread_id = run->thread_id;
  message.timestamp = {std::max(context_.clock.now().micros, context_.newest.micros + 1)};
  OMAKASE_CHECK(insert(message, run->n, append.id_given));
  context_.newest = message.timestamp;
  if (message.thread_id) context_.activity.note(*message.thread_id, message.project_id, message.timestamp);
  out_.appended.push_back(std::move(message));
  out_.existed.push_back(false);
  return {};
}

// Whether the message was stored before; then it is the result.
Result<bool> CommitWriter::find_given(const AppendMessage& append) {
  OMAKASE_TRY(auto stored, read_first(db_.query(Sql::kMessageGiven, append.message.id), read_message));
  if (!stored) return false;
  const model::Message& wanted = append.message;
  if (stored->run_id != wanted.run_id || stored->sender != wanted.sender || stored->content != wanted.content) {
    return taken(wanted.id);
  }
  out_.appended.push_back(*std::move(stored));
  out_.existed.push_back(true);
  return true;
}

Result<void> CommitWriter::insert(const model::Message& message, std::int64_t run, bool given) {
  std::optional<std::string_view> role;
  if (message.role) role = model::word(*message.role);
  std::optional<std::string> setup;
  if (message.setup) setup = boost::json::serialize(*message.setup);
  return db_.execute(Sql::kInsertMessage, message.timestamp, run, message.thread_id, message.feature_id, message.id, given,
                     model::word(message.sender), role, model::word(message.type), message.delivered_at, message.content,
                     stored_tool_uses(message.tool_uses), setup);
}

Result<void> CommitWriter::operator()(const UpdateMessage& update) {
  const auto uses = update.tool_uses ? stored_tool_uses(*update.tool_uses) : std::nullopt;
  OMAKASE_CHECK(db_.execute(Sql::kUpdateMessage, update.timestamp, update.run_id, update.delivered_at, uses));
  OMAKASE_TRY(auto message, read_first(db_.query(Sql::kMessageAt, update.timestamp, update.run_id), read_message));
  if (message) out_.updated.push_back(*std::move(message));
  return {};
}

Result<void> CommitWriter::operator()(const UpdateRun& update) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context_, update.run_id));
  if (update.status && !run->active) return ended(update.run_id);
  std::optional<std::string_view> status;
  std::optional<Timestamp> completed_at;
  if (update.status) {
    status = model::word(*update.status);
    if (!model::is_active(*update.status)) completed_at = context_.clock.now();
  }
  OMAKASE_CHECK(db_.execute(Sql::kUpdateRun, update.run_id, status, completed_at, update.output_summary, update.error_message,
                            update.cost_usd));
  if (update.agent_session && run->thread_id) {
    OMAKASE_CHECK(db_.execute(Sql::kSetAgentSession, *run->thread_id, *update.agent_session));
  }
  context_.runs.forget(update.run_id);
  OMAKASE_TRY(out_.run, whole_run(db_, update.run_id));
  return {};
}

}  // namespace

Result<Committed> apply(WriteContext& context, Commit& commit) {
  Committed out;
  if (commit.spool) {
    OMAKASE_TRY(const StoredRun* run, stored_run(context, commit.spool->run_id));
    if (run->spool_offset >= commit.spool->end) {
      out.replayed = true;
      return out;
    }
    OMAKASE_CHECK(context.db.execute(Sql::kSetSpoolOffset, commit.spool->run_id, commit.spool->end));
    context.runs.forget(commit.spool->run_id);
  }
  CommitWriter writer(context, out);
  for (Change& change : commit.changes) OMAKASE_CHECK(std::visit(writer, change));
  return out;
}

bool is_single_statement(const Commit& commit) {
  return !commit.spool && commit.changes.size() == 1 && std::holds_alternative<AppendMessage>(commit.changes.front());
}

}  // namespace omakase::store::sqlite
