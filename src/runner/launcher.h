// Starts runners: the server's side of agent_run.h. A coroutine on the Loop's thread; the runner is a daemon and no child of
// ours.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>

#include "base/error.h"
#include "runner/secrets.h"
#include "runtime/asio.h"

namespace omakase::runner {

class Launcher {
 public:
  // `program` is the omakase binary; by default the one that runs now, even when its file has been replaced meanwhile.
  explicit Launcher(std::string program = "/proc/self/exe") : program_(std::move(program)) {}

  // Starts the runner of `folder`, in which write_spec() was called, and gives its pid once its socket accepts. `secrets`
  // go to it over a pipe. Fails with the runner's own error (`program_missing`, `spawn_failed`, `runner_used`,
  // `runner_running`...) or `runner_not_ready`; then no runner is left.
  runtime::Task<base::Result<pid_t>> start(std::string folder, Secrets secrets) const;

 private:
  std::string program_;
};

}  // namespace omakase::runner
