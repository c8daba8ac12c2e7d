// What a Commit does to runs, inside the writer's transaction: their start, their changes and end, what their model calls cost.
#pragma once

#include "store/message_log.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

// The run that a change is about, or kNotFound run_not_found. Valid until the next change of a run.
Result<const StoredRun*> stored_run(WriteContext& context, const std::string& id);

base::Failure ended(const std::string& run_id);
base::Failure taken(const std::string& id);

Result<void> start_run(WriteContext& context, const StartRun& start, Committed& out);
Result<void> update_run(WriteContext& context, const UpdateRun& update, Committed& out);
Result<void> record_model_call(WriteContext& context, const RecordModelCall& record, Committed& out);

}  // namespace omakase::store::sqlite
