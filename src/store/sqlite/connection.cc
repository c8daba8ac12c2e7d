#include "store/sqlite/connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace omakase::store::sqlite {

namespace {

// Reading under load: a checkpoint may hold a reader up for moments.
constexpr int kReaderWaitMs = 5'000;

bool no_space(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

Fault fault_of(int extended_code, int system_error) {
  switch (extended_code & 0xff) {
    case SQLITE_FULL: return Fault::kDiskFull;
    case SQLITE_IOERR: {
      const bool no_memory = extended_code == SQLITE_IOERR_SHMMAP && system_error == ENOMEM;
      if (no_memory || extended_code == SQLITE_IOERR_NOMEM) return Fault::kPassing;
      // After a failed sync nobody knows what is on disk, whatever the reason.
      const bool sync = extended_code == SQLITE_IOERR_FSYNC || extended_code == SQLITE_IOERR_DIR_FSYNC;
      return !sync && no_space(system_error) ? Fault::kDiskFull : Fault::kBroken;
    }
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL: return Fault::kBroken;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT: return Fault::kPassing;
    default: return Fault::kNone;
  }
}

int note_wal_pages(void* target, sqlite3*, const char*, int pages) {
  *static_cast<std::int64_t*>(target) = pages;
  return SQLITE_OK;
}

// SQLite gives its further files the permissions of this one.
Result<void> make_private_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    const std::string reason = std::generic_category().message(errno);
    return base::fail(base::ErrorKind::kUnavailable, "store_unavailable", reason + ".");
  }
  ::close(fd);
  return {};
}

}  // namespace

Error error_of(Fault fault) {
  const auto unavailable = [](const char* code, const char* detail) {
    return base::fail(base::ErrorKind::kUnavailable, code, detail).error();
  };
  if (fault == Fault::kDiskFull) return unavailable("disk_full", "No space is left on the disk of the data folder.");
  if (fault == Fault::kBroken) {
    return unavailable("store_unavailable", "The store could not use its disk and only reads until the server is started again.");
  }
  return unavailable("store_unavailable", "The store cannot be used at the moment.");
}

Query::~Query() {
  if (!statement_) return;  // there was no memory to prepare it
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::bind(std::int64_t value) { bind_error_ |= sqlite3_bind_int64(statement_, ++parameter_, value); }
void Query::bind(double value) { bind_error_ |= sqlite3_bind_double(statement_, ++parameter_, value); }
void Query::bind(std::nullopt_t) { bind_error_ |= sqlite3_bind_null(statement_, ++parameter_); }
void Query::bind(Blob value) {
  const char* data = value.bytes.data() ? value.bytes.data() : "";
  bind_error_ |= sqlite3_bind_blob64(statement_, ++parameter_, data, value.bytes.size(), SQLITE_TRANSIENT);
}
void Query::bind(std::string_view value) {
  const char* data = value.data() ? value.data() : "";  // a null pointer would be NULL, not empty text
  bind_error_ |= sqlite3_bind_text64(statement_, ++parameter_, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

Result<bool> Query::step() {
  if (!statement_ || bind_error_ != SQLITE_OK) return std::unexpected(connection_.failure(bind_error_));
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(connection_.failure(code));
}

std::string_view Query::view(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data ? std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string_view();
}

std::optional<std::string> Query::optional_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}
std::optional<Timestamp> Query::optional_time(int column) const {
  return is_null(column) ? std::nullopt : std::optional(time(column));
}
std::optional<double> Query::optional_real(int column) const {
  return is_null(column) ? std::nullopt : std::optional(real(column));
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file, Access access) {
  std::unique_ptr<Connection> connection(new Connection(file));
  if (auto opened = connection->open_file(access); !opened) return std::unexpected(connection->refusal(opened.error()));
  return connection;
}

Result<void> Connection::open_file(Access access) {
  // SQLite's counters of memory take a lock at every allocation, and nobody reads them. Heeded before its first use only.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  const bool writes = access == Access::kWrite;
  if (writes) OMAKASE_CHECK(make_private_file(file_));
  const int flags = (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (const int code = sqlite3_open_v2(file_.c_str(), &handle_, flags, nullptr); code != SQLITE_OK) {
    return std::unexpected(failure(code));
  }
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_busy_timeout(handle_, kReaderWaitMs);
  if (!writes) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return run_script("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384;");
  }
  OMAKASE_CHECK(
      run_script("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
                 "PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864; PRAGMA foreign_keys = 0;"));
  sqlite3_wal_hook(handle_, note_wal_pages, &wal_pages_);
  return {};
}

Connection::~Connection() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

sqlite3_stmt* Connection::prepared(Sql sql) {
  sqlite3_stmt*& statement = statements_[static_cast<std::size_t>(sql)];
  if (!statement) sqlite3_prepare_v3(handle_, text(sql), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  return statement;
}

Result<void> Connection::finish(Query& query) {
  for (;;) {
    OMAKASE_TRY(const bool more, query.step());
    if (!more) return {};
  }
}

Result<void> Connection::run_script(const char* script) {
  const int code = sqlite3_exec(handle_, script, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(failure(code));
  return {};
}

Result<std::int64_t> Connection::number(const char* statement) {
  sqlite3_stmt* prepared = nullptr;
  if (const int code = sqlite3_prepare_v2(handle_, statement, -1, &prepared, nullptr); code != SQLITE_OK) {
    return std::unexpected(failure(code));
  }
  const int code = sqlite3_step(prepared);
  const std::int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(prepared, 0) : 0;
  sqlite3_finalize(prepared);
  if (code != SQLITE_ROW && code != SQLITE_DONE) return std::unexpected(failure(code));
  return value;
}

Result<void> Connection::prepare_all() {
  for (std::size_t i = 0; i < kSqlCount; ++i) {
    if (!prepared(static_cast<Sql>(i))) return std::unexpected(failure(sqlite3_extended_errcode(handle_)));
  }
  return {};
}

Result<void> Connection::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(failure(code));
  return {};
}

Result<void> Connection::copy_to(const std::filesystem::path& file) {
  std::unique_ptr<Connection> copy(new Connection(file));
  OMAKASE_CHECK(make_private_file(file));
  if (const int code = sqlite3_open_v2(file.c_str(), &copy->handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
      code != SQLITE_OK) {
    return std::unexpected(copy->failure(code));
  }
  // A copy that was not finished is of no use: nothing has to be undone in it.
  OMAKASE_CHECK(copy->run_script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"));
  sqlite3_backup* backup = sqlite3_backup_init(copy->handle_, "main", handle_, "main");
  const int stepped = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;  // all of it in one transaction
  const int finished = backup ? sqlite3_backup_finish(backup) : sqlite3_extended_errcode(copy->handle_);
  if (stepped == SQLITE_DONE && finished == SQLITE_OK) return {};
  const Error cause = copy->failure(finished != SQLITE_OK ? finished : stepped);
  if (cause.code == "disk_full") return base::fail(cause.kind, cause.code, "No space is left for " + file.string() + ".");
  return base::fail(cause.kind, cause.code, "Cannot copy " + file_.string() + ": " + copy->last_message() + ".");
}

void Connection::forgo_checkpoint_on_close() { sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }

Error Connection::failure(int code) {
  if (code == SQLITE_OK) code = handle_ ? sqlite3_extended_errcode(handle_) : SQLITE_NOMEM;
  const Fault fault = fault_of(code, handle_ ? sqlite3_system_errno(handle_) : 0);
  fault_ = std::max(fault_, fault);
  if (fault != Fault::kNone) return error_of(fault);
  return base::internal(std::string("SQLite: ") + (handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code)) + ".").error();
}

Error Connection::refusal(const Error& cause) const {
  const std::string start = "Cannot use " + file_.string() + ": ";
  if (fault_ != Fault::kBroken) return base::fail(cause.kind, cause.code, start + cause.detail).error();
  const int code = sqlite3_errcode(handle_) & 0xff;
  if (code != SQLITE_CORRUPT && code != SQLITE_NOTADB) {
    return base::fail(cause.kind, cause.code, start + last_message() + ".").error();
  }
  return base::fail(cause.kind, "store_corrupt", start + last_message() + ". It is left as it is; restore a backup.").error();
}

}  // namespace omakase::store::sqlite
