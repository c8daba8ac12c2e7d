#include "app/confinement.h"

#include "base/log.h"
#include "process/confined.h"

namespace omakase::app {

namespace {

using process::Network;
using runtime::Task;

// Why there is no such network; "" when there is one.
Task<std::string> missing(Network network, process::Environment environment) {
  const auto available = co_await process::network_available(network, std::move(environment));
  co_return available ? "" : available.error().detail;
}

}  // namespace

Task<Confinement> look_at_confinement(Config config, Machine machine, ModelAccess model) {
  const process::Environment environment{"PATH=" + machine.path};
  Confinement found;
  if (config.sandbox != "off") {
    // With the most that there can be, the rest is there too.
    found.network.internet_missing = co_await missing(Network::kInternet, environment);
    if (!found.network.internet_missing.empty()) {
      found.network.model_missing = co_await missing(Network::kModel, environment);
      found.sandbox_missing = found.network.model_missing;
      if (!found.sandbox_missing.empty()) found.sandbox_missing = co_await missing(Network::kOpen, environment);
    }
    found.sandbox = found.sandbox_missing.empty();
  } else {
    found.network.internet_missing = found.network.model_missing = "The sandbox is switched off.";
  }
  if (model.kind == "login" && found.network.model_missing.empty()) {
    found.network.model_missing = "An agent with a Claude login asks the vendor by itself.";
  }
  if (config.agent_network != "auto") {
    found.network.usual = process::network_named(config.agent_network).value_or(Network::kOpen);
  } else if (found.network.internet_missing.empty()) {
    found.network.usual = Network::kInternet;
  }
  co_return found;
}

Task<base::Result<Confinement>> decide_confinement(Config config, Machine machine, ModelAccess model) {
  Confinement found = co_await look_at_confinement(config, std::move(machine), std::move(model));
  if (!found.sandbox && config.sandbox == "on") {
    co_return base::fail(base::ErrorKind::kUnavailable, "sandbox_unavailable", found.sandbox_missing);
  }
  if (!found.sandbox_missing.empty()) base::log_warn("agents run without a sandbox", {{"why", found.sandbox_missing}});
  if (auto network = agents::network_for(found.network, std::nullopt); !network) {
    co_return std::unexpected(std::move(network).error());
  }
  if (found.sandbox && config.agent_network == "auto" && found.network.usual == Network::kOpen) {
    base::log_warn("agents reach this machine's own services", {{"why", found.network.internet_missing}});
  }
  co_return found;
}

}  // namespace omakase::app
