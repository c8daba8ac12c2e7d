// One connection to the database file, with its prepared statements: a thin owner of SQLite's C interface. Used by one thread at
// a time; closed by its destructor. Failures of the storage itself are remembered in fault(), so that the writer can tell them
// from mistakes in one change, which come back as kInternal.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "store/sqlite/statements.h"

namespace omakase::store::sqlite {

using base::Error;
using base::Result;
using base::Timestamp;

enum class Fault : std::uint8_t {
  kNone,
  kPassing,   // busy, out of memory: trying again may work
  kDiskFull,  // heals when space returns
  kBroken,    // I/O or corruption: what is on disk is not known any more
};

// What a caller is told of a fault.
Error error_of(Fault fault);

class Connection;

// A statement being run, its parameters bound in order. Of each statement of a connection one at a time. An error of preparing or
// binding shows in step().
// Bytes that are no text.
struct Blob {
  std::string_view bytes;
};

class Query {
 public:
  template <typename... Values>
  Query(Connection& connection, sqlite3_stmt* statement, const Values&... values)
      : connection_(connection), statement_(statement) {
    (bind(values), ...);
  }
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // True when there is a row, whose columns can be read until the next step().
  Result<bool> step();

  // The columns of the row, from 0.
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  Timestamp time(int column) const { return {integer(column)}; }
  std::string_view view(int column) const;  // until the next step()
  std::string text(int column) const { return std::string(view(column)); }
  std::optional<std::string> optional_text(int column) const;
  std::optional<Timestamp> optional_time(int column) const;
  std::optional<double> optional_real(int column) const;

 private:
  // Binds the next parameter; text is copied.
  void bind(std::int64_t value);
  void bind(double value);
  void bind(std::string_view value);
  void bind(Blob value);
  void bind(std::nullopt_t);
  void bind(bool value) { bind(static_cast<std::int64_t>(value)); }
  void bind(int value) { bind(static_cast<std::int64_t>(value)); }
  void bind(const char* value) { bind(std::string_view(value)); }
  void bind(Timestamp value) { bind(value.micros); }
  template <typename T>
  void bind(const std::optional<T>& value) {
    if (value) {
      bind(*value);
    } else {
      bind(std::nullopt);
    }
  }

  Connection& connection_;
  sqlite3_stmt* statement_;
  int parameter_ = 0;
  int bind_error_ = SQLITE_OK;
};

class Connection {
 public:
  enum class Access : std::uint8_t { kWrite, kRead };

  // The writer's connection makes the file (0600) when it is missing; only it may write and checkpoint.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  template <typename... Values>
  Query query(Sql sql, const Values&... values) {
    return Query(*this, prepared(sql), values...);
  }

  // Runs a statement to its end; its rows are not wanted.
  template <typename... Values>
  Result<void> execute(Sql sql, const Values&... values) {
    Query running = query(sql, values...);
    return finish(running);
  }

  // Fixed text of several statements: the schema, settings.
  Result<void> run_script(const char* script);
  // The single number that a fixed statement gives.
  Result<std::int64_t> number(const char* statement);

  // Prepares every statement, which shows that the schema is the expected one.
  Result<void> prepare_all();

  std::int64_t last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_); }
  std::int64_t changes() const { return sqlite3_changes64(handle_); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

  // What went wrong with the storage since it was last forgotten.
  Fault fault() const { return fault_; }
  void forget_fault() { fault_ = Fault::kNone; }
  std::string last_message() const { return sqlite3_errmsg(handle_); }

  // Pages in the write-ahead log after the last commit.
  std::int64_t wal_pages() const { return wal_pages_; }
  Result<void> checkpoint();
  // The database as it is now, into a new file (0600).
  Result<void> copy_to(const std::filesystem::path& file);
  // Leaves the files as they are when this connection closes.
  void forgo_checkpoint_on_close();

  // The error of a failed call of SQLite; notes its fault.
  Error failure(int code);

  // What to say when the file cannot be opened because of `cause`: one line with its name, that tells damage apart.
  Error refusal(const Error& cause) const;

 private:
  explicit Connection(std::filesystem::path file) : file_(std::move(file)) {}
  Result<void> open_file(Access access);
  sqlite3_stmt* prepared(Sql sql);
  static Result<void> finish(Query& query);

  std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, kSqlCount> statements_{};
  Fault fault_ = Fault::kNone;
  std::int64_t wal_pages_ = 0;
};

}  // namespace omakase::store::sqlite
