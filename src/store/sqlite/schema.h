// The tables and how they came to be: a list of migrations, each applied in one transaction with the version it leads to
// (user_version). Called once at start, on the writer's connection, before any other use.
#pragma once

#include "store/sqlite/connection.h"

namespace omakase::store::sqlite {

// The version that this program reads and writes.
int schema_version();

// The version of the file, 0 for an empty one. kUnavailable `schema_too_new` for a file of a later program, `store_corrupt` for
// one that is not a database of Omakase.
Result<std::int64_t> known_version(Connection& connection);

// Brings the file from its known_version() to schema_version(). Nothing is ever repaired or deleted.
Result<void> migrate(Connection& connection);

}  // namespace omakase::store::sqlite
