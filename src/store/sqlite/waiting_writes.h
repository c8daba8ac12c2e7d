// What a Commit does to a person's messages that wait for their agent, inside the writer's transaction: they are changed, taken
// back, ordered and taken over. The rules are those of ChangeWaiting, OrderWaiting and TakeOverWaiting (message_log.h).
#pragma once

#include "store/message_log.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

Result<void> change_waiting(WriteContext& context, const ChangeWaiting& change, Committed& out);
Result<void> order_waiting(WriteContext& context, const OrderWaiting& order, Committed& out);
Result<void> take_over_waiting(WriteContext& context, const TakeOverWaiting& take, Committed& out);

}  // namespace omakase::store::sqlite
