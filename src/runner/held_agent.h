// The agent's process: started in its sandbox, read to the last byte into the spool, given its input line by line, and ended with
// everything that it started. Owned by the Runner, on its Loop's thread: start(), then run(), which returns when no process of
// the agent is left and `exit` is in the spool, and must not be cancelled before. An agent that does not read holds up its input
// only; a full disk, or a backlog that no server reads, holds up its output.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/error.h"
#include "process/line_splitter.h"
#include "runner/agent_start.h"
#include "runner/input_queue.h"
#include "runner/scrubber.h"
#include "runner/secrets.h"
#include "runner/spec.h"
#include "runner/spool.h"
#include "runner/subreaper.h"
#include "runtime/asio.h"
#include "runtime/signal.h"
#include "runtime/task_group.h"

namespace omakase::runner {

class HeldAgent {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  HeldAgent(runtime::Executor executor, const base::Clock& clock, const RunnerSpec& spec, Spool& spool);

  // Brings it up (agent_start.h).
  runtime::Task<base::Result<void>> start(const Secrets& secrets);
  runtime::Task<> run();

  void add_input(message::Input input);
  void close_input();  // after what waits is written

  // Interrupt, end of input, SIGTERM, SIGKILL; returns at once. A second call changes nothing.
  void stop(const StopTimes& times);
  void kill();

  Instant last_output() const { return last_output_; }

 private:
  runtime::Task<> read_output();
  runtime::Task<> read_error();
  runtime::Task<> write_input();
  runtime::Task<> note_refusal(std::string id);
  runtime::Task<> climb(StopTimes times);
  runtime::Task<bool> ends_within(runtime::Duration limit);
  runtime::Task<> drain_pipes();
  runtime::Task<> watch_limits();
  runtime::Task<> append_line(const process::Line& line);
  runtime::Task<> append_error(std::string_view bytes);

  runtime::Executor executor_;
  const base::Clock& clock_;
  const RunnerSpec& spec_;
  Spool& spool_;
  Scrubber hidden_{{}};
  Subreaper subreaper_;
  StartedAgent agent_;
  runtime::TaskGroup tasks_;
  InputQueue inputs_;
  bool closing_input_ = false;
  runtime::Signal input_changed_;
  runtime::Signal child_ended_;
  runtime::Signal pipe_ended_;
  int open_pipes_ = 2;
  std::string stderr_tail_;
  std::size_t stderr_bytes_ = 0;
  bool stopping_ = false;
  Instant last_output_;
};

}  // namespace omakase::runner
