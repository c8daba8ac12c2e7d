#include "agents/network_policy.h"

namespace omakase::agents {

base::Result<process::Network> network_for(const NetworkPolicy& policy, const std::optional<std::string>& wanted) {
  const process::Network network = wanted ? process::network_named(*wanted).value_or(policy.usual) : policy.usual;
  const std::string& missing = network == process::Network::kInternet ? policy.internet_missing : policy.model_missing;
  if (network == process::Network::kOpen || missing.empty()) return network;
  return base::fail(base::ErrorKind::kUnavailable, "network_unavailable",
                    "The network \"" + std::string(process::word(network)) + "\" cannot be had here: " + missing);
}

}  // namespace omakase::agents
