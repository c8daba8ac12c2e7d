// `omakase agent-run --dir DIR`: this process becomes the runner of DIR. It takes the spec from DIR, one JSON line of secrets
// from standard input (secrets.h), leaves the caller's session (a daemon: the caller may end), and
// prints one JSON line on standard output: {"pid": N} when its socket accepts, or {"error": {code, detail}}. Called first thing
// in main, before any thread: it forks. Returns the process's exit code.
#pragma once

#include <span>
#include <string>

namespace omakase::runner {

int run_agent_run(std::span<const std::string> arguments);

}  // namespace omakase::runner
