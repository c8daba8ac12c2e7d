#include "store/sqlite/thread_writes.h"

#include "store/sqlite/rows.h"

namespace omakase::store::sqlite {

Result<void> delete_thread(WriteContext& context, const DeleteThread& deletion, Committed& out) {
  Connection& db = context.db;
  const std::string& id = deletion.thread_id;
  OMAKASE_TRY(const auto active, read_first(db.query(Sql::kActiveRunOfThread, id), read_run));
  if (active) return base::conflict("thread_active", "The conversation has an active run: " + active->id + ". End it first.");
  OMAKASE_TRY(const auto runs, read_all(db.query(Sql::kEndedRunsOfThread, id), read_run));
  for (const Sql sql : {Sql::kDeleteMessagesOfThread, Sql::kDeleteAttachmentsOfThread, Sql::kDeletePermissionsOfThread,
                        Sql::kDeleteLogOfThread, Sql::kDeleteReadMarksOfThread, Sql::kForgetRunsOfThread, Sql::kDeleteThread}) {
    OMAKASE_CHECK(db.execute(sql, id));
  }
  if (db.changes() == 0) return base::not_found("thread_not_found", "There is no thread with this id.");
  context.runs.forget_all();
  for (const model::Run& run : runs) out.forgotten_runs.push_back(run.id);
  return {};
}

}  // namespace omakase::store::sqlite
