// What a Commit does to whole threads, inside the writer's transaction. The rules are those of DeleteThread (message_log.h).
#pragma once

#include "store/message_log.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

Result<void> delete_thread(WriteContext& context, const DeleteThread& deletion, Committed& out);

}  // namespace omakase::store::sqlite
