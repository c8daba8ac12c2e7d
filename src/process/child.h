// One running child process on the Loop: its pipes, its exit, its signals. Owned by whoever started it, on the Loop's thread.
// Its pid stays its own until reap() or the destructor, so that no signal can reach a stranger. Destroying a child that still
// runs is SIGKILL to it and to all that descends from it (the destructor waits for the kernel, not for the child). What it writes
// is hostile; readers bound it (LineSplitter, run_command).
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "process/spawn.h"
#include "runtime/asio.h"

namespace omakase::process {

struct ExitStatus {
  int code = 0;
  int signal = 0;  // not 0: it was ended by this signal, and code says nothing

  bool success() const { return code == 0 && signal == 0; }
  std::string describe() const;  // "ended with code 3", "was ended by signal 9 (Killed)"
};

class Child {
 public:
  using Stream = runtime::asio::posix::stream_descriptor;

  static base::Result<std::unique_ptr<Child>> start(runtime::Executor executor, const Command& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  Stream& input() { return input_; }
  Stream& output() { return output_; }
  Stream& error() { return error_; }

  // Writes all of `bytes` to its standard input, within `limit`; after an error part of them may have been written.
  runtime::Task<base::Result<void>> write(std::string_view bytes, runtime::Duration limit);
  bool input_open() const { return input_.is_open(); }
  void close_input();

  // To the child's process group, also to what the child left of it when it ended; nothing after reap().
  void send_signal(int signal);

  // Waits for the end of the child itself, whatever it left behind. Any number may wait; kCancelled when cancelled.
  runtime::Task<base::Result<ExitStatus>> wait();
  std::optional<ExitStatus> status() const { return status_; }

  // After its end: takes it out of the process table.
  void reap();

 private:
  Child(runtime::Executor executor, Spawned spawned);
  bool ended();

  pid_t pid_;
  Stream pidfd_;
  Stream input_;
  Stream output_;
  Stream error_;
  std::optional<ExitStatus> status_;
  bool reaped_ = false;
};

}  // namespace omakase::process
