// The store in one SQLite file, `omakase.db` in the data folder: opened by app/, which holds the folder's DataLock. The Tasks of
// messages(), catalog() and people() run on `loop`, which outlives the store. open() brings the schema up to date; it fails,
// leaving the file as it is, with schema_too_new or store_corrupt. close() (or the destructor) finishes what is queued, writes
// the log back into the file and joins the threads; whatever comes later is refused.
#pragma once

#include <filesystem>
#include <memory>

#include "store/catalog.h"
#include "store/message_log.h"
#include "store/people.h"
#include "store/write_counts.h"

namespace omakase::store::sqlite {

class Readers;
class WriteThread;

class SqliteStore {
 public:
  static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& data_folder, runtime::Executor loop,
                                                   const base::Clock& clock);
  ~SqliteStore();

  MessageLog& messages() { return *messages_; }
  Catalog& catalog() { return *catalog_; }
  People& people() { return *people_; }

  // False once a failed write left the disk's state unknown: reads go on, every change is refused until the next start. Any
  // thread.
  bool healthy() const;

  // Any thread.
  const WriteCounts& counts() const;

  void close();

 private:
  SqliteStore(std::unique_ptr<WriteThread> writer, std::unique_ptr<Readers> readers, const base::Clock& clock);

  std::unique_ptr<WriteThread> writer_;
  std::unique_ptr<Readers> readers_;
  std::unique_ptr<MessageLog> messages_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<People> people_;
};

}  // namespace omakase::store::sqlite
