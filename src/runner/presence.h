// Whether a runner lives in a folder: what a server that starts asks of each one it finds. Reads only: nothing is locked,
// signalled or changed. The runner's lock is the truth, as it goes with the process; a pid counts only together with the boot and
// the start time that it was written down with, for it may be somebody else's by now.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/error.h"
#include "runner/runner_folder.h"

namespace omakase::runner {

enum class Presence {
  kNone,    // no runner has been here
  kAlive,   // connect to it
  kExited,  // its spool can be read to the end; without `exit` as last record it was killed
};

Presence find(const std::string& folder);

// The process that holds the folder, when it still is that process.
std::optional<pid_t> runner_pid(const std::string& folder);

// Writes down this process as the folder's runner.
base::Result<void> write_pid(const RunnerFolder& folder);

}  // namespace omakase::runner
