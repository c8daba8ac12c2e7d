// Copies of a database file: taken while a server goes on writing to it, and looked at before one takes its place. No store is
// needed; any thread.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/error.h"

namespace omakase::store::sqlite {

// Writes what `file` holds at one moment to `copy`, a new file: whole transactions only, those in its log too. Reads `file`,
// never changes it; its log is not written back meanwhile, so it grows by what is stored until the copy is done. The copy is not
// synced. Errors: what reading or writing failed of (`disk_full`, `store_unavailable`, `store_corrupt`).
base::Result<void> copy_database(const std::filesystem::path& file, const std::filesystem::path& copy);

// How many messages a copy holds that this program can use: all of it is read. Nothing is left beside it. Errors,
// as a sentence about the database that names no file: `store_corrupt`, `schema_too_new`.
base::Result<std::int64_t> messages_of_copy(const std::filesystem::path& copy);

}  // namespace omakase::store::sqlite
