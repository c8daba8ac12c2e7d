#include "store/sqlite/sqlite_store.h"

#include <utility>

#include "store/data_lock.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite_catalog.h"
#include "store/sqlite/sqlite_message_log.h"
#include "store/sqlite/sqlite_people.h"

namespace omakase::store::sqlite {

namespace {

Result<Timestamp> newest_timestamp(Connection& db) {
  Query head = db.query(Sql::kHead);
  OMAKASE_CHECK(head.step());
  return head.time(0);
}

Result<Timestamp> bring_up_to_date(Connection& db) {
  OMAKASE_CHECK(migrate(db));
  OMAKASE_CHECK(db.prepare_all());
  return newest_timestamp(db);
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& data_folder, runtime::Executor loop,
                                                       const base::Clock& clock) {
  OMAKASE_CHECK(make_data_folder(data_folder));
  const std::filesystem::path file = data_folder / "omakase.db";
  OMAKASE_TRY(auto db, Connection::open(file, Connection::Access::kWrite));
  const auto newest = bring_up_to_date(*db);
  if (!newest) return std::unexpected(db->refusal(newest.error()));
  auto writer = std::make_unique<WriteThread>(std::move(db), std::move(loop), clock, *newest);
  OMAKASE_TRY(auto readers, Readers::open(file));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(writer), std::move(readers), clock));
}

SqliteStore::SqliteStore(std::unique_ptr<WriteThread> writer, std::unique_ptr<Readers> readers, const base::Clock& clock)
    : writer_(std::move(writer)),
      readers_(std::move(readers)),
      messages_(std::make_unique<SqliteMessageLog>(*writer_, *readers_)),
      catalog_(std::make_unique<SqliteCatalog>(*writer_, *readers_)),
      people_(std::make_unique<SqlitePeople>(*writer_, *readers_, clock)) {}

SqliteStore::~SqliteStore() { close(); }

bool SqliteStore::healthy() const { return writer_->healthy(); }

const WriteCounts& SqliteStore::counts() const { return writer_->counts(); }

void SqliteStore::close() {
  // The writer last: the last connection to close writes the log back, and only the writer's may.
  readers_->close();
  writer_->close();
}

}  // namespace omakase::store::sqlite
