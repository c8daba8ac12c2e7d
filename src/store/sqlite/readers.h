// Two read-only connections, each with a thread of its own: a slow read holds up half of the others at most. A read sees
// everything that was committed before it started. Lives on the loop's thread; close() (or the destructor) waits for the reads
// under way.
#pragma once

#include <array>
#include <filesystem>
#include <memory>

#include "runtime/blocking_pool.h"
#include "store/sqlite/connection.h"

namespace omakase::store::sqlite {

class Readers {
 public:
  static Result<std::unique_ptr<Readers>> open(const std::filesystem::path& file) {
    auto readers = std::make_unique<Readers>();
    for (Reader& reader : readers->readers_) {
      OMAKASE_TRY(reader.db, Connection::open(file, Connection::Access::kRead));
    }
    return readers;
  }

  // Runs `read` (a Result<T> of Connection&) on the reader that has the least to do.
  template <typename Read>
  runtime::Task<std::invoke_result_t<Read&, Connection&>> run(Read read) {
    Reader& reader = readers_[0].waiting <= readers_[1].waiting ? readers_[0] : readers_[1];
    ++reader.waiting;
    auto result = co_await reader.thread.run([&] { return read(*reader.db); });
    --reader.waiting;
    co_return result;
  }

  void close() {
    for (Reader& reader : readers_) {
      reader.thread.join();
      reader.db.reset();
    }
  }

 private:
  struct Reader {
    std::unique_ptr<Connection> db;
    runtime::BlockingPool thread{1};
    int waiting = 0;
  };
  std::array<Reader, 2> readers_;
};

}  // namespace omakase::store::sqlite
