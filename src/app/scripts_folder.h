// What the set-up of a workspace needs as files: the embedded scripts, and what is refused to what they run.
#pragma once

#include <filesystem>

#include "base/error.h"

namespace omakase::app {

// Writes them to `<data>/scripts/<digest>`, once for each version, and gives that folder.
base::Result<std::filesystem::path> unpack_scripts(const std::filesystem::path& data);

// Writes the refused system calls (process/seccomp.h) to a file in the data folder, at each start, and gives its path.
base::Result<std::filesystem::path> write_refused_calls(const std::filesystem::path& data);

}  // namespace omakase::app
