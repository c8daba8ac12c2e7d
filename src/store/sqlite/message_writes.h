// What a Commit does to the tables, inside the writer's transaction. The rules of message_log.h are kept here: who may append,
// which ids are taken, which spool bytes are stored already.
#pragma once

#include "store/message_log.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

// Moves the messages out of the commit.
Result<Committed> apply(WriteContext& context, Commit& commit);

// Whether one statement does it all, so that its failure needs no savepoint.
bool is_single_statement(const Commit& commit);

}  // namespace omakase::store::sqlite
