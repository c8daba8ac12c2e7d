// What a Commit does to requests for consent, inside the writer's transaction. The rules are those of AskPermission and
// ResolvePermission (message_log.h).
#pragma once

#include "store/message_log.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

Result<void> ask_permission(WriteContext& context, const AskPermission& ask, Committed& out);
Result<void> resolve_permission(WriteContext& context, const ResolvePermission& resolve, Committed& out);

}  // namespace omakase::store::sqlite
