// The folder of one runner, `<data>/runners/<name>/` (0700): `spec.json`, `spool`, `socket`, `pid.json`, `lock`, `runner.log`.
// Every file is reached through the folder's own descriptor, so that neither the length of its path (a socket's address has room
// for 107 bytes) nor a later rename matters. Movable; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "process/fd.h"

namespace omakase::runner {

class RunnerFolder {
 public:
  static constexpr const char* kSpec = "spec.json";
  static constexpr const char* kSpool = "spool";
  static constexpr const char* kSocket = "socket";
  static constexpr const char* kPid = "pid.json";
  static constexpr const char* kLock = "lock";
  static constexpr const char* kLog = "runner.log";

  // kNotFound `no_runner_folder` when it cannot be opened.
  static base::Result<RunnerFolder> open(const std::string& path);

  bool has(const char* name) const;
  base::Result<std::string> read(const char* name) const;                   // at most 16 MB
  base::Result<void> write(const char* name, std::string_view text) const;  // whole or not at all; 0600
  base::Result<process::Fd> open_file(const char* name, int flags) const;   // 0600 when made
  void remove(const char* name) const;

  // The socket's address for bind and connect in this process.
  std::string socket_address() const;

  // The right to be the runner of this folder, as long as the Fd lives: kConflict `runner_running` when another has it.
  base::Result<process::Fd> lock() const;
  bool locked() const;

  base::Failure already_used() const;

 private:
  RunnerFolder(std::string path, process::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  process::Fd fd_;
};

}  // namespace omakase::runner
