// For tests: SQLite's own file system, which notes every change that is made to files and every sync; and a power loss, which
// makes of such notes what a disk may hold after it. install() makes it the default of this process.
#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace omakase::store::sqlite {

struct FileNote {
  enum class Kind : std::uint8_t { kOpen, kWrite, kTruncate, kSync, kDelete, kMark };
  Kind kind;
  std::string name;         // of the file, without its folder; or what was marked
  std::int64_t offset = 0;  // of a write; the new size for a truncation
  std::string bytes;
  bool is_database = false;  // not one of its logs
};

class RecordedFiles {
 public:
  static void install() {
    static sqlite3_vfs recorded = *sqlite3_vfs_find(nullptr);
    static bool installed = false;
    if (std::exchange(installed, true)) return;
    real_open = recorded.xOpen;
    real_delete = recorded.xDelete;
    recorded.zName = "recorded";
    recorded.pNext = nullptr;
    recorded.xOpen = open;
    recorded.xDelete = remove;
    sqlite3_vfs_register(&recorded, 1);
  }

  static void begin() {
    const Alone alone;
    recording = true;
    notes.clear();
  }
  static std::vector<FileNote> end() {
    const Alone alone;
    recording = false;
    return std::exchange(notes, {});
  }
  // Puts a word of the test's own among the notes.
  static void mark(std::string word) { note({FileNote::Kind::kMark, std::move(word), 0, {}}); }

 private:
  // The writer's thread and the test's note in turns.
  struct Alone {
    Alone() { sqlite3_mutex_enter(mutex()); }
    ~Alone() { sqlite3_mutex_leave(mutex()); }
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;
    static sqlite3_mutex* mutex() { return sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1); }
  };

  static void note(FileNote one) {
    const Alone alone;
    if (recording) notes.push_back(std::move(one));
  }
  static std::string name_of(sqlite3_file* file) {
    const Alone alone;
    return names.at(file);
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    const int code = real_open(vfs, path, file, flags, out_flags);
    if (!file->pMethods) return code;
    const std::string name = path ? std::filesystem::path(path).filename().string() : "";
    {
      const Alone alone;
      names[file] = name;
    }
    note({FileNote::Kind::kOpen, name, 0, {}});
    // The database has other methods than its logs.
    (flags & SQLITE_OPEN_MAIN_DB) != 0 ? wrap<true>(*file) : wrap<false>(*file);
    return code;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    const int code = real_delete(vfs, path, sync_folder);
    if (code == SQLITE_OK) note({FileNote::Kind::kDelete, std::filesystem::path(path).filename().string(), 0, {}});
    return code;
  }

  template <bool is_database>
  static void wrap(sqlite3_file& file) {
    static const sqlite3_io_methods* const real = file.pMethods;
    static const sqlite3_io_methods recorded = [] {
      sqlite3_io_methods methods = *real;
      methods.xWrite = [](sqlite3_file* target, const void* data, int size, sqlite3_int64 offset) {
        const int code = real->xWrite(target, data, size, offset);
        note({FileNote::Kind::kWrite, name_of(target), offset,
              std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))});
        return code;
      };
      methods.xTruncate = [](sqlite3_file* target, sqlite3_int64 size) {
        const int code = real->xTruncate(target, size);
        note({FileNote::Kind::kTruncate, name_of(target), size, {}});
        return code;
      };
      methods.xSync = [](sqlite3_file* target, int how) {
        const int code = real->xSync(target, how);
        note({FileNote::Kind::kSync, name_of(target), 0, {}, is_database});
        return code;
      };
      return methods;
    }();
    file.pMethods = &recorded;
  }

  static inline bool recording = false;
  static inline std::vector<FileNote> notes;
  static inline std::map<sqlite3_file*, std::string> names;
  static inline int (*real_open)(sqlite3_vfs*, const char*, sqlite3_file*, int, int*) = nullptr;
  static inline int (*real_delete)(sqlite3_vfs*, const char*, int) = nullptr;
};

// A disk that keeps what was synced, and of the rest what it likes: each later change to a file may be there, or not, or in some
// of its sectors only; and so may names that came or went, until their folder is synced.
class PowerLoss {
 public:
  // `luck` decides what is kept, always the same; with 0 everything is, as when only the process was killed.
  explicit PowerLoss(std::uint32_t luck) : lucky_(luck == 0), random_(luck) {}

  // What a file held before the first note, safely.
  void had(const std::string& name, std::string bytes) {
    files_[name] = {.bytes = bytes, .changes = {}, .named = true};
    safe_[name] = std::move(bytes);
  }

  // The note outlives this.
  void take(const FileNote& note) {
    switch (note.kind) {
      case FileNote::Kind::kMark: return;
      case FileNote::Kind::kOpen: files_.try_emplace(note.name); return;
      case FileNote::Kind::kDelete: files_.erase(note.name); return;
      case FileNote::Kind::kWrite:
      case FileNote::Kind::kTruncate: files_[note.name].changes.push_back(&note); return;
      case FileNote::Kind::kSync: {
        File& file = files_[note.name];
        for (const FileNote* change : file.changes) apply(*change, file.bytes, false);
        file.changes.clear();
        if (!file.named && !note.is_database) sync_names();  // SQLite syncs the folder with a new log
        file.named = true;
        safe_[note.name] = file.bytes;
        return;
      }
    }
  }

  // Writes the files as they are found afterwards.
  void leave(const std::filesystem::path& folder) {
    for (auto& [name, file] : files_) {
      if (!file.named && !lucky_ && perhaps()) continue;
      std::string bytes = file.bytes;
      for (const FileNote* change : file.changes) {
        if (lucky_ || perhaps()) apply(*change, bytes, !lucky_ && perhaps());
      }
      write(folder / name, bytes);
    }
    if (lucky_) return;
    for (const auto& [name, bytes] : safe_) {
      const bool gone_or_not_named = !std::filesystem::exists(folder / name);
      if (gone_or_not_named && perhaps()) write(folder / name, bytes);  // the one before: its end was not noted
    }
  }

 private:
  struct File {
    std::string bytes;                       // as it was synced
    std::vector<const FileNote*> changes{};  // since then
    bool named = false;                      // its folder knows it for certain
  };
  static constexpr std::size_t kSector = 512;

  void sync_names() {
    std::erase_if(safe_, [&](const auto& one) { return !files_.contains(one.first); });
    for (auto& [name, file] : files_) {
      if (!std::exchange(file.named, true)) safe_[name] = file.bytes;
    }
  }

  bool perhaps() { return (random_() & 1) != 0; }

  void apply(const FileNote& change, std::string& bytes, bool torn) {
    const auto offset = static_cast<std::size_t>(change.offset);
    if (change.kind == FileNote::Kind::kTruncate) {
      bytes.resize(offset);
      return;
    }
    bytes.resize(std::max(bytes.size(), offset + change.bytes.size()));
    for (std::size_t at = 0; at < change.bytes.size();) {
      const std::size_t size = std::min(kSector - (offset + at) % kSector, change.bytes.size() - at);
      if (!torn || perhaps()) bytes.replace(offset + at, size, change.bytes, at, size);
      at += size;
    }
  }

  static void write(const std::filesystem::path& file, const std::string& bytes) {
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  bool lucky_;
  std::mt19937 random_;
  std::map<std::string, File> files_;
  std::map<std::string, std::string> safe_;  // what was last synced under each name
};

}  // namespace omakase::store::sqlite
