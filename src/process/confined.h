// Starts a program in its sandbox with everything that belongs to it: the refused system calls, the network that it may have, and
// a socket inside for who serves it from outside. The program itself begins when all of it is there. A coroutine on the Loop's
// thread; on failure nothing is left. What bubblewrap finds out only then is told as
// the program's end. Errors: as spawn(), and kUnavailable `sandbox_unavailable`, `network_unavailable`.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "process/child.h"
#include "process/fd.h"
#include "process/sandbox.h"
#include "runtime/asio.h"

namespace omakase::process {

struct Confined {
  // Where a socket listens in a network of the sandbox's own: nobody else is in there.
  static constexpr std::uint16_t kPort = 7080;

  std::unique_ptr<Child> child;   // bubblewrap, outermost
  pid_t inside = -1;              // its first process inside, by our counting
  Fd listener;                    // on 127.0.0.1:kPort in there; none in an open network
  std::unique_ptr<Child> uplink;  // the way out of it; what it says is to be dropped (start_up.h)
};

// `command` as for spawn(), without `pass`; its argv is a sandbox's, as sandboxed() gives it, and `network` is what it is to
// have.
runtime::Task<base::Result<Confined>> start_confined(Command command, Network network);

// Whether agents can have this network on this machine: really starts something in a sandbox that has it.
runtime::Task<base::Result<void>> network_available(Network network, Environment environment);

}  // namespace omakase::process
