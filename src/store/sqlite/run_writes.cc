#include "store/sqlite/run_writes.h"

#include "store/sqlite/rows.h"

namespace omakase::store::sqlite {

namespace {

base::Failure no_run(const std::string& id) { return base::not_found("run_not_found", "There is no agent run " + id + "."); }

Result<model::Run> whole_run(Connection& db, const std::string& id) {
  OMAKASE_TRY(auto run, read_first(db.query(Sql::kRun, id), read_run));
  if (!run) return no_run(id);
  return *std::move(run);
}

}  // namespace

base::Failure ended(const std::string& run_id) {
  return base::conflict("run_not_active", "The agent run " + run_id + " has ended.");
}

base::Failure taken(const std::string& id) { return base::conflict("id_conflict", "The id " + id + " is already in use."); }

Result<const StoredRun*> stored_run(WriteContext& context, const std::string& id) {
  OMAKASE_TRY(const StoredRun* run, context.runs.find(context.db, id));
  if (!run) return no_run(id);
  return run;
}

Result<void> start_run(WriteContext& context, const StartRun& start, Committed& out) {
  const model::Run& run = start.run;
  Connection& db = context.db;
  if (run.kind == model::RunKind::kWorkSession && model::is_active(run.status)) {
    OMAKASE_TRY(const auto session, read_first(db.query(Sql::kActiveSession, run.project_id), read_run));
    if (session) return base::conflict("session_exists", "The project has an active work session: " + session->id + ".");
  }
  OMAKASE_TRY(const StoredRun* existing, context.runs.find(db, run.id));
  if (existing) return taken(run.id);
  const auto token = run.token_hash.empty() ? std::nullopt : std::optional(run.token_hash);
  OMAKASE_CHECK(db.execute(Sql::kInsertRun, run.id, model::word(run.kind), run.agent_name, model::word(run.role), run.project_id,
                           run.feature_id, run.thread_id, model::word(run.status), run.started_at, run.completed_at,
                           run.output_summary, run.error_message, run.cost_usd, token, run.spool_offset,
                           model::word(run.permission_mode), run.model));
  OMAKASE_TRY(out.run, whole_run(db, run.id));
  return {};
}

Result<void> update_run(WriteContext& context, const UpdateRun& update, Committed& out) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context, update.run_id));
  if (update.status && !run->active) return ended(update.run_id);
  std::optional<Timestamp> completed_at;
  if (update.status && !model::is_active(*update.status)) completed_at = context.clock.now();
  OMAKASE_CHECK(context.db.execute(Sql::kUpdateRun, update.run_id, stored_word(update.status), completed_at,
                                   update.output_summary, update.error_message, update.cost_usd,
                                   stored_word(update.permission_mode), update.model.has_value(),
                                   update.model.value_or(std::nullopt), update.context_tokens, update.context_window));
  if (update.permission_mode) {
    OMAKASE_CHECK(context.db.execute(Sql::kEndSessionConsents, run->n));
    if (run->thread_id) {
      OMAKASE_CHECK(context.db.execute(Sql::kSetThreadMode, *run->thread_id, stored_word(update.permission_mode)));
    }
  }
  if (update.agent_session && run->thread_id) {
    OMAKASE_CHECK(context.db.execute(Sql::kSetAgentSession, *run->thread_id, *update.agent_session));
  }
  context.runs.forget(update.run_id);
  OMAKASE_TRY(out.run, whole_run(context.db, update.run_id));
  return {};
}

Result<void> record_model_call(WriteContext& context, const RecordModelCall& record, Committed& out) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context, record.run_id));
  const model::ModelCall& call = record.call;
  const model::Usage& usage = call.usage;
  Connection& db = context.db;
  OMAKASE_CHECK(db.execute(Sql::kInsertModelCall, run->n, call.id, call.model, call.status, usage.input_tokens,
                           usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens, call.started_at, call.ended_at,
                           call.error));
  if (db.changes() > 0) {
    OMAKASE_CHECK(db.execute(Sql::kAddUsage, run->n, usage.input_tokens, usage.output_tokens, usage.cache_read_tokens,
                             usage.cache_write_tokens, usage.requests));
  }
  OMAKASE_TRY(out.run, whole_run(db, record.run_id));
  return {};
}

}  // namespace omakase::store::sqlite
