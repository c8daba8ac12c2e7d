// Makes this process the one that everything started below it falls back to, and ends it all. The agent's shell tools live in
// sessions of their own: only descent finds them. Owned by HeldAgent; one per process, made before the first child.
#pragma once

#include <sys/types.h>

#include <boost/asio/signal_set.hpp>

#include "runtime/asio.h"

namespace omakase::runner {

class Subreaper {
 public:
  explicit Subreaper(runtime::Executor executor);

  // Until cancelled: takes orphans that have ended out of the process table. `spared` is somebody else's to reap.
  runtime::Task<> reap_orphans(pid_t spared);

  // SIGKILL to all descendants until no child is left; false when some are left after `limit` (they are not ours to kill).
  runtime::Task<bool> end_all(runtime::Duration limit);

 private:
  runtime::asio::signal_set child_ended_;
};

}  // namespace omakase::runner
