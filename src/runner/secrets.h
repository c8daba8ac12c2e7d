// What a runner must not write down: handed over as one JSON line on its standard input when it starts (launcher.h), and from
// then on only in its memory, of which there is no core file and into which no debugger of the same user looks. Values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "process/spawn.h"

namespace omakase::runner {

// Where the relay passes the agent's model calls on to.
struct ModelUpstream {
  std::string url;  // "https://api.anthropic.com"
  // Takes the place of what the agent sent: {"x-api-key", KEY} or {"authorization", "Bearer ..."}; none where the model wants
  // none.
  std::vector<std::pair<std::string, std::string>> credentials;
  process::Environment proxies;  // the operator's way out: HTTPS_PROXY=..., NO_PROXY=..., SSL_CERT_FILE=...

  bool operator==(const ModelUpstream&) const = default;
};

struct Secrets {
  process::Environment environment;  // more entries of the agent's environment: its tools can read these
  std::optional<ModelUpstream> relay;
  // Values that the agent's output shall not show, with the names that stand there instead.
  std::vector<std::pair<std::string, std::string>> scrub;  // {NAME, value}

  bool operator==(const Secrets&) const = default;
};

// One line, with its newline.
std::string encode(const Secrets& secrets);
// "" is none. kInvalid `bad_secrets`, which quotes nothing of the line.
base::Result<Secrets> decode_secrets(std::string_view line);

}  // namespace omakase::runner
