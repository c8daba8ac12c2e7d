// What a Commit does to the log of a run, inside the writer's transaction. The rules are those of AppendLog (message_log.h).
#pragma once

#include "store/message_log.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

Result<void> append_log(WriteContext& context, AppendLog& append, Committed& out);

}  // namespace omakase::store::sqlite
