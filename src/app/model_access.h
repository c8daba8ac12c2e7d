// Where agents find their model: a key, a Claude login, another address, or, with none of these, the scripted practice model,
// which this program starts on loopback as a process of its own: it outlives the server, as the runners do that ask it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/config.h"
#include "runner/secrets.h"
#include "runtime/asio.h"

namespace omakase::app {

struct ModelAccess {
  bool practice() const { return kind == "practice"; }

  std::string kind = "relay";  // "relay", "practice" or "login"
  std::string reason;          // in words, for the page and `doctor`
  // Where the relay passes the agents' calls on to, with the real key; none with a login.
  std::optional<runner::ModelUpstream> upstream;
  std::string token_variable = "ANTHROPIC_API_KEY";  // of the agent, for the relay's token
  std::filesystem::path login_file;                  // a Claude login; empty: none
};

// The operator's proxies and certificates: for whatever reaches the network in their name.
process::Environment network_environment();

// Decides, and for the practice model finds the one that runs or starts one.
runtime::Task<base::Result<ModelAccess>> find_model(const Config& config);

// Ends the practice model of a data folder, if it runs.
void end_practice_model(const std::filesystem::path& data);

}  // namespace omakase::app
