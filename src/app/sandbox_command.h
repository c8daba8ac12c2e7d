// `omakase confined`, for the scripts of a set-up: what they run in bubblewrap has there what an agent has, its network and its
// refused system calls (process/confined.h).
//
//   omakase confined --network internet|model|open [--info-fd N] -- bwrap OPTION… -- PROGRAM…
//
// Standard input, output and error are passed through, and the program's exit code is ours; 1, with a line on standard error,
// when the sandbox cannot be made so: it is never made with more. To descriptor N goes a line with the first process inside, as
// bubblewrap writes it. SIGTERM ends everything inside before it ends us; a death of ours or our parent's does so at once.
#pragma once

#include <span>
#include <string>

namespace omakase::app {

// The exit code.
int sandbox_command(std::span<const std::string> arguments);

}  // namespace omakase::app
