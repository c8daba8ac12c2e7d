// Where agents find their model: a key, a Claude login, another address, or, with none of these, the scripted practice model,
// which this program starts on loopback as a process of its own: it outlives the server, as the runners do that ask it.
#pragma once

#include <filesystem>
#include <string>

#include "app/config.h"
#include "process/spawn.h"
#include "runtime/asio.h"

namespace omakase::app {

struct ModelAccess {
  bool practice = false;
  std::string reason;                // in words, for the page and `doctor`
  process::Environment environment;  // for the agent
  process::Environment secrets;      // the same, handed over a pipe
  std::filesystem::path login_file;  // a Claude login; empty: none
};

// Decides, and for the practice model finds the one that runs or starts one.
runtime::Task<base::Result<ModelAccess>> find_model(const Config& config);

// Ends the practice model of a data folder, if it runs.
void end_practice_model(const std::filesystem::path& data);

}  // namespace omakase::app
