// The system calls that nobody inside a sandbox may make: those that change mounts and name spaces, load code into the kernel,
// read its log or its keys, or put words into a terminal. They fail with EPERM (clone3, which hides its flags, with ENOSYS:
// callers fall back to clone). What a compiler, a test runner or a debugger needs is not among them. Any thread.
#pragma once

#include "base/error.h"
#include "process/fd.h"

namespace omakase::process {

// Writes the filter to a file, in the kernel's own form, as bubblewrap reads it from there (--seccomp).
base::Result<void> write_seccomp_filter(const Fd& file);

}  // namespace omakase::process
