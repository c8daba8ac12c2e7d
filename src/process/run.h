// A program that is run and waited for: `git --version`, a set-up script. Coroutines on the Loop's thread, bounded in time and in
// what they keep. When the program ends, what it left running in its process group is ended; when the time is up, or the caller
// is cancelled, everything that descends from it is.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "process/child.h"
#include "runtime/asio.h"

namespace omakase::process {

struct Output {
  ExitStatus status;
  std::string out;
  std::string err;
  bool cut = false;  // it said more than was kept; the rest was read and dropped
};

// Keeps the first `max_output` bytes of each stream. An error (not a non-zero code) when the program cannot be started
// (`program_missing`, `spawn_failed`) or takes longer than `limit` (kTimedOut, `command_timed_out`).
runtime::Task<base::Result<Output>> run_command(Command command, runtime::Duration limit,
                                                std::size_t max_output = std::size_t{1} << 20);

enum class OutputStream { kOut, kErr };

// Called on the loop for each line, as it is written; a line longer than kMaxOutputLine comes as "[line too long]".
// The text is as the program wrote it, not checked to be UTF-8.
using OnLine = std::function<void(OutputStream stream, std::string_view line)>;
inline constexpr std::size_t kMaxOutputLine = std::size_t{64} << 10;

// `input` is given to its standard input, which is then closed: what no list of processes may show. At most a pipe's 64 KiB.
runtime::Task<base::Result<ExitStatus>> run_lines(Command command, runtime::Duration limit, OnLine on_line,
                                                  std::string input = {});

}  // namespace omakase::process
