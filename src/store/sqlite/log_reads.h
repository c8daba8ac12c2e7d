// Reads a project's log. The rules are those of LogQuery and LogPage (message_log.h).
#pragma once

#include "store/message_log.h"
#include "store/sqlite/connection.h"

namespace omakase::store::sqlite {

Result<LogPage> read_log(Connection& db, const LogQuery& query);

}  // namespace omakase::store::sqlite
