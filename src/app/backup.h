// `omakase backup FILE` and `omakase restore FILE`: one archive with what a data folder cannot make again. Its database as it was
// at one moment, the key to its secrets, its workspaces and its agents' homes. A server may go on meanwhile while it is written;
// none may run where it is restored. Both can be killed at any time: FILE is the old one or the new one, and a restore that was
// cut is begun again.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/error.h"

namespace omakase::app {

int backup_command(std::span<const std::string> arguments);
int restore_command(std::span<const std::string> arguments);

// kConflict `restore_unfinished` when a restore into this folder was cut: to start here would begin an empty database.
base::Result<void> check_restored(const std::filesystem::path& data);

}  // namespace omakase::app
