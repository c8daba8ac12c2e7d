#include "store/sqlite/database_copy.h"

#include "store/sqlite/connection.h"
#include "store/sqlite/schema.h"

namespace omakase::store::sqlite {

namespace {

Result<std::int64_t> count_messages(Connection& db) {
  OMAKASE_TRY(const std::int64_t version, known_version(db));
  if (version == 0) return base::fail(base::ErrorKind::kUnavailable, "store_corrupt", "It is empty.");
  OMAKASE_TRY(const std::int64_t faults, db.number("SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'"));
  if (faults > 0) return base::fail(base::ErrorKind::kUnavailable, "store_corrupt", "It is damaged.");
  return db.number("SELECT count(*) FROM messages");
}

}  // namespace

Result<void> copy_database(const std::filesystem::path& file, const std::filesystem::path& copy) {
  OMAKASE_TRY(const auto source, Connection::open(file, Connection::Access::kRead));
  return source->copy_to(copy);
}

Result<std::int64_t> messages_of_copy(const std::filesystem::path& copy) {
  Result<std::int64_t> messages;
  {
    OMAKASE_TRY(const auto db, Connection::open(copy, Connection::Access::kRead));
    messages = count_messages(*db);
    const bool unreadable = !messages && db->fault() == Fault::kBroken;
    if (unreadable) messages = base::fail(base::ErrorKind::kUnavailable, "store_corrupt", db->last_message() + ".");
  }
  for (const char* ending : {"-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(copy.string() + ending, ignored);
  }
  return messages;
}

}  // namespace omakase::store::sqlite
