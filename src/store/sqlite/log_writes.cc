#include "store/sqlite/log_writes.h"

#include <utility>

#include "store/sqlite/run_writes.h"

namespace omakase::store::sqlite {

namespace {

// How often a project's oldest lines are looked for: it costs a walk over those that are kept.
constexpr std::int64_t kCutEvery = 1'000;

}  // namespace

Result<void> append_log(WriteContext& context, AppendLog& append, Committed& out) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context, append.run_id));
  if (append.require_active && !run->active) return ended(append.run_id);
  bool cut = false;
  for (model::LogLine& line : append.lines) {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertLogLine, run->n, run->project_id, line.timestamp, model::word(line.level),
                                     line.source, line.message));
    line.n = context.db.last_insert_rowid();
    line.run_id = append.run_id;
    line.agent_name = run->agent_name;
    line.project_id = run->project_id;
    cut = cut || line.n % kCutEvery == 0;
    out.log.push_back(std::move(line));
  }
  if (!cut) return {};
  return context.db.execute(Sql::kCutLog, run->project_id, MessageLog::kMaxLogLines);
}

}  // namespace omakase::store::sqlite
