// `<data>/server.json` (0600): where the server of a data folder answers, and a token for the command line on this machine.
// Written by the server when it accepts connections; the token is new at every start.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"

namespace omakase::app {

struct ServerFile {
  std::string url;         // "http://127.0.0.1:7777"
  std::string public_url;  // what people open
  std::string token;
  pid_t pid = 0;

  static std::optional<ServerFile> read(const std::filesystem::path& data);
  base::Result<void> write(const std::filesystem::path& data) const;
};

// Writes a file that only its owner may read: whole or not at all.
base::Result<void> write_private_file(const std::filesystem::path& path, std::string_view text);
std::optional<std::string> read_file(const std::filesystem::path& path);

}  // namespace omakase::app
