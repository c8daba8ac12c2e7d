// The system calls that nobody inside a sandbox may make: those that change mounts and name spaces, load code into the kernel,
// read its log or its keys, or put words into a terminal. They fail with EPERM (clone3, which hides its flags, with ENOSYS:
// callers fall back to clone). What a compiler, a test runner or a debugger needs is not among them. Any thread.
#pragma once

#include "base/error.h"
#include "process/fd.h"

namespace omakase::process {

// The filter as a file in memory, in the kernel's own form, as bubblewrap takes it (--seccomp).
base::Result<Fd> seccomp_filter();

}  // namespace omakase::process
