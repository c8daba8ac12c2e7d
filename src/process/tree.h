// Processes as the kernel lists them: who descends from whom, and ending all of them. Reads /proc; any thread.
// A pid is only a name that may be given to another: what is kept beyond a moment is the pid with its start time and boot.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace omakase::process {

struct ProcessState {
  pid_t pid = -1;
  pid_t parent = -1;
  char state = '?';              // 'Z': ended, not reaped yet
  std::uint64_t start_time = 0;  // clock ticks since the machine started
};

// nullopt when there is no such process.
std::optional<ProcessState> process_state(pid_t pid);

// Changes with every start of the machine; "" when it cannot be read.
std::string boot_id();

// Every process below `root`, children before their children; `root` itself and what has ended are not among them.
std::vector<pid_t> descendants(pid_t root);

// Sends `signal` to every descendant of `root`.
void signal_descendants(pid_t root, int signal);

// SIGKILL to `root` and its descendants, until a look finds none that is new. What had left the tree is not found.
void kill_tree(pid_t root);

}  // namespace omakase::process
