// The coroutines that one owner started: it can cancel them all, and must join() them before it goes.
// Lives on one Loop's thread. A task that throws is logged with its name and ends alone; cancellation is no error.
#pragma once

#include <list>
#include <string>

#include "runtime/asio.h"
#include "runtime/signal.h"

namespace omakase::runtime {

class TaskGroup {
 public:
  explicit TaskGroup(Executor executor);
  ~TaskGroup();  // every task must have ended
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // Starts `task`; `name` is for the log.
  void spawn(std::string name, Task<> task);

  // Asks every task to stop: what it awaits ends with operation_aborted.
  void cancel();

  // Waits until no task is left. Do not call from a task of this group.
  Task<> join();

  std::size_t size() const { return running_.size(); }

 private:
  struct Running {
    std::string name;
    asio::cancellation_signal signal;
  };

  Executor executor_;
  std::list<Running> running_;
  Signal ended_;
};

}  // namespace omakase::runtime
