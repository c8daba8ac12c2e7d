// Starts a program with exactly what it is given: argv (never a shell), the whole environment, a folder, and standard input,
// output and error, and what `pass` names; every other descriptor of ours is closed in it, signals are at their defaults, and it
// leads a session of its own. Called on the thread that lives as long as the child when die_with_parent is set: the kernel
// watches that thread. Fails with code `program_missing` or `spawn_failed`, also when the program itself cannot be executed.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "process/fd.h"

namespace omakase::process {

using Environment = std::vector<std::string>;  // "NAME=value"

struct Command {
  std::string program;            // the file to execute; empty: what argv[0] names
  std::vector<std::string> argv;  // argv[0]: a path, or a name that is looked up in the PATH of `environment`
  Environment environment;
  std::string folder;            // where it starts; empty: where we are
  bool with_input = false;       // a pipe to its standard input; otherwise that is /dev/null
  bool our_streams = false;      // our own standard input, output and error instead of pipes
  bool die_with_parent = false;  // SIGKILL when the thread that started it ends
  std::vector<int> pass;         // descriptors of ours that it has too, as 3, 4, ...
};

struct Spawned {
  pid_t pid = -1;
  Fd pidfd;
  Fd input;   // ours to write; none without `with_input`
  Fd output;  // ours to read; none with `our_streams`
  Fd error;   // ours to read; none with `our_streams`
};

base::Result<Spawned> spawn(const Command& command);

// The value of `name` in `environment`, or "".
std::string_view environment_value(const Environment& environment, std::string_view name);

// The file that `name` means: itself when it has a slash, else the first executable of that name in `path` ("/usr/bin:/bin").
std::optional<std::string> find_executable(std::string_view name, std::string_view path);

}  // namespace omakase::process
