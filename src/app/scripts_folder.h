// The embedded scripts as files, where the set-up of a workspace can run them.
#pragma once

#include <filesystem>

#include "base/error.h"

namespace omakase::app {

// Writes them to `<data>/scripts/<digest>`, once for each version, and gives that folder.
base::Result<std::filesystem::path> unpack_scripts(const std::filesystem::path& data);

}  // namespace omakase::app
