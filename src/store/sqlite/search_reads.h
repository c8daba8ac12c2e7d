// Searches a project's conversations. The rules are those of SearchQuery and SearchPage (message_log.h).
#pragma once

#include "store/message_log.h"
#include "store/sqlite/connection.h"

namespace omakase::store::sqlite {

Result<SearchPage> search_messages(Connection& db, const SearchQuery& query);

}  // namespace omakase::store::sqlite
