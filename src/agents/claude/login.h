// Puts a Claude login of the operator's where an agent looks for it, or takes it away. The agent's HOME is the agent's: it may
// have put links in the place of files and folders there, and none is followed, or the server would change files of the
// operator's.
#pragma once

#include <filesystem>

#include "base/error.h"

namespace omakase::agents::claude {

// Makes `home`/.claude/.credentials.json a link to `login_file`; empty: there shall be none. kUnavailable `login_blocked` when
// something stands in the way.
base::Result<void> link_login(const std::filesystem::path& home, const std::filesystem::path& login_file);

}  // namespace omakase::agents::claude
