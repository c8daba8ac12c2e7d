// What a runner is to do: `spec.json` in its folder, written by the server before it starts the runner. Secrets are not in it:
// they are handed over at the start (launcher.h) and never touch the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "process/sandbox.h"
#include "process/spawn.h"
#include "runner/protocol.h"

namespace omakase::runner {

// The agent's way to its model: its calls go to the runner, which has the key (relay.h).
struct RelaySpec {
  std::string url_variable;                 // tells the agent the relay's address: "ANTHROPIC_BASE_URL"
  std::string token_variable;               // and the token that the relay wants, good nowhere else: "ANTHROPIC_API_KEY"
  std::chrono::milliseconds head{300'000};  // how long the model may take to begin an answer
  std::chrono::milliseconds idle{120'000};  // how long it may be silent within one

  bool operator==(const RelaySpec&) const = default;
};

// What an agent's sandbox may hold; above it is ended (sandbox_watch.h).
struct SandboxLimits {
  std::int64_t processes = 1000;
  std::int64_t memory_bytes = three_quarters_of_memory();

  static std::int64_t three_quarters_of_memory();
  bool operator==(const SandboxLimits&) const = default;
};

struct RunnerSpec {
  std::string run_id;
  std::vector<std::string> argv;
  process::Environment environment;
  std::string folder;                           // where the agent starts
  std::optional<process::SandboxSpec> sandbox;  // none: the agent runs with the server's own view of the machine
  SandboxLimits limits;
  std::optional<RelaySpec> relay;  // none: the agent reaches its model by itself
  std::chrono::milliseconds orphan_timeout{600'000};
  StopTimes stop;
  std::string interrupt;  // the line that asks the agent to end its turn; empty: it knows none

  bool operator==(const RunnerSpec&) const = default;
};

std::string encode(const RunnerSpec& spec);
base::Result<RunnerSpec> decode_spec(std::string_view text);

// Makes the runner's folder (0700; the one above it must be there) and writes `spec.json`. The folder must not have been used.
base::Result<void> write_spec(const std::string& folder, const RunnerSpec& spec);

}  // namespace omakase::runner
