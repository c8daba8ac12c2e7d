// Pieces of starting a program that speaks to us before it does its work, or ends instead and says why. Coroutines on the Loop's
// thread.
#pragma once

#include <string>

#include "base/error.h"
#include "process/child.h"
#include "process/fd.h"
#include "runtime/asio.h"

namespace omakase::process {

// A pipe both ways, whose other end may be gone without a signal.
struct Ends {
  Fd ours;
  Fd theirs;
};

// kUnavailable `spawn_failed`.
base::Result<Ends> connected_ends();

// What a program that is about to end says on its standard error, in one line of valid UTF-8: at most a second's and 4 KiB of it.
// Empty where that is not a pipe of ours.
runtime::Task<std::string> last_words(Child& child);

// Reads what a program says on its pipes, for nobody, until it has closed them: it must not fill them and stop.
runtime::Task<> drop_words(Child& child);

}  // namespace omakase::process
