// For tests: SQLite's own file system, whose writes and syncs fail on request. install() makes it the default of this process.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <utility>

namespace omakase::store::sqlite {

struct FaultyFiles {
  static inline std::atomic<int> write_error = SQLITE_OK;  // what writes answer, once writes_left have succeeded
  static inline std::atomic<int> writes_left = 0;
  static inline std::atomic<int> sync_error = SQLITE_OK;  // what syncs answer, once syncs_left have succeeded
  static inline std::atomic<int> syncs_left = 0;

  static void install() {
    static sqlite3_vfs faulty = *sqlite3_vfs_find(nullptr);
    static bool installed = false;
    if (std::exchange(installed, true)) return;
    real_open = faulty.xOpen;
    faulty.zName = "faulty";
    faulty.pNext = nullptr;
    faulty.xOpen = open;
    sqlite3_vfs_register(&faulty, 1);
  }

  static void heal() {
    write_error = SQLITE_OK;
    sync_error = SQLITE_OK;
    writes_left = 0;
    syncs_left = 0;
  }

 private:
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    const int code = real_open(vfs, name, file, flags, out_flags);
    // The database has other methods than its logs.
    if (file->pMethods) (flags & SQLITE_OPEN_MAIN_DB) != 0 ? wrap<true>(*file) : wrap<false>(*file);
    return code;
  }

  template <bool is_database>
  static void wrap(sqlite3_file& file) {
    static const sqlite3_io_methods* const real = file.pMethods;
    static const sqlite3_io_methods faulty = [] {
      sqlite3_io_methods methods = *real;
      methods.xWrite = [](sqlite3_file* target, const void* data, int size, sqlite3_int64 offset) {
        if (write_error != SQLITE_OK && writes_left-- <= 0) return write_error.load();
        return real->xWrite(target, data, size, offset);
      };
      methods.xSync = [](sqlite3_file* target, int how) {
        if (sync_error != SQLITE_OK && syncs_left-- <= 0) return sync_error.load();
        return real->xSync(target, how);
      };
      return methods;
    }();
    file.pMethods = &faulty;
  }

  static inline int (*real_open)(sqlite3_vfs*, const char*, sqlite3_file*, int, int*) = nullptr;
};

}  // namespace omakase::store::sqlite
