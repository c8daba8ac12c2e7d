#include "app/doctor.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>

#include "app/confinement.h"
#include "base/text.h"
#include "process/run.h"

namespace omakase::app {

namespace json = base::json;

namespace {

using std::chrono_literals::operator""s;

constexpr const char* kInstallClaude = "npm install -g @anthropic-ai/claude-code";

json::object check(std::string_view id, std::string_view state, std::string title, std::string detail,
                   std::string_view command = {}) {
  json::object object{{"id", id}, {"state", state}, {"title", std::move(title)}, {"detail", std::move(detail)}};
  if (!command.empty()) object["command"] = command;
  return object;
}

// The first line that a program prints about itself, or nullopt.
runtime::Task<std::optional<std::string>> version_of(std::vector<std::string> argv, process::Environment environment) {
  process::Command command;
  command.argv = std::move(argv);
  command.environment = std::move(environment);
  const auto output = co_await process::run_command(std::move(command), 10s, 4096);
  if (!output || !output->status.success()) co_return std::nullopt;
  const std::string_view out = output->out;
  co_return std::string(base::trim(out.substr(0, out.find('\n'))));
}

json::object check_data(const Config& config) {
  struct statvfs space{};
  const bool known = statvfs(config.data.c_str(), &space) == 0;
  const double free_gb = known ? static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize) / 1e9 : 0;
  if (!known || access(config.data.c_str(), W_OK) != 0) {
    return check("data", "missing", "Data folder", config.data.string() + " cannot be written.");
  }
  const std::string amount = std::to_string(static_cast<int>(free_gb)) + " GB free";
  return check("data", free_gb < 1 ? "warning" : "ok", "Data folder", free_gb < 1 ? "only " + amount : "writable, " + amount);
}

json::object check_sandbox(const Config& config, const Confinement& found) {
  if (config.sandbox == "off") {
    return check("sandbox", "warning", "Sandbox is off", "Agents can read and change everything that you can.");
  }
  if (found.sandbox) return check("sandbox", "ok", "Sandbox", "agents see their workspace and nothing else of yours");
  return check("sandbox", "warning", "No sandbox", found.sandbox_missing + " Agents can read and change everything that you can.",
               "sudo apt-get install bubblewrap");
}

json::object check_network(const Config& config, const Confinement& found) {
  const auto network = agents::network_for(found.network, std::nullopt);
  if (!network) return check("network", "missing", "Network", network.error().detail);
  if (*network == process::Network::kModel) return check("network", "ok", "Network", "agents reach their model and nothing else");
  if (*network == process::Network::kInternet) {
    return check("network", "ok", "Network", "agents reach the internet, and nothing on this machine");
  }
  const std::string open = "Agents reach the services of this machine too, and its cloud's, where it is in one.";
  if (config.agent_network == "open" || !found.sandbox) return check("network", "warning", "Network is open", open);
  return check("network", "warning", "Network is open", found.network.internet_missing + " " + open,
               "sudo apt-get install slirp4netns");
}

json::object check_model(const ModelAccess& model) {
  if (model.practice()) {
    return check("model", "warning", "API key", "Until then the practice model answers. Set it and start again.",
                 "ANTHROPIC_API_KEY=… make run");
  }
  return check("model", model.kind == "login" ? "warning" : "ok", model.kind == "login" ? "Claude login" : "Model", model.reason);
}

}  // namespace

Machine look_at_machine(const Config& config) {
  Machine machine;
  const char* path = std::getenv("PATH");
  machine.path = path && *path ? path : "/usr/local/bin:/usr/bin:/bin";
  if (!config.claude_bin.empty()) {
    if (const auto found = process::find_executable(config.claude_bin, machine.path))
      machine.claude_bin = std::filesystem::absolute(*found);
    return machine;
  }
  if (const auto found = process::find_executable("claude", machine.path)) {
    machine.claude_bin = *found;
    return machine;
  }
  // Where `make build` puts the pinned one, seen from the binary that it leaves.
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  const auto beside = self.parent_path() / "../../tools/agents/node_modules/.bin/claude";
  if (!ec && access(beside.c_str(), X_OK) == 0) machine.claude_bin = beside.lexically_normal();
  return machine;
}

runtime::Task<json::object> examine(Config config, Machine machine, ModelAccess model) {
  const process::Environment environment{"PATH=" + machine.path, "HOME=" + config.data.string(), "LANG=C.UTF-8"};
  json::array checks;
  const auto git = co_await version_of({"git", "--version"}, environment);
  checks.push_back(
      git ? check("git", "ok", base::trim(*git).starts_with("git version ") ? "git " + git->substr(12) : *git, "found in PATH")
          : check("git", "missing", "git is missing", "Workspaces are clones of repositories.", "sudo apt-get install git"));
  checks.push_back(check_data(config));
  const Confinement confinement = co_await look_at_confinement(config, machine, model);
  checks.push_back(check_sandbox(config, confinement));
  checks.push_back(check_network(config, confinement));
  const auto claude =
      machine.claude_bin.empty() ? std::nullopt : co_await version_of({machine.claude_bin, "--version"}, environment);
  checks.push_back(
      claude ? check("agent", "ok", "Claude Code " + claude->substr(0, claude->find(' ')), machine.claude_bin)
             : check("agent", "missing", "Agent CLI is missing", "Agents need Claude Code 2.0 or later.", kInstallClaude));
  checks.push_back(check_model(model));
  json::object all{{"version", OMAKASE_VERSION}, {"practice", model.practice()}};
  if (model.practice()) all["practiceReason"] = model.reason;
  all["checks"] = std::move(checks);
  co_return all;
}

}  // namespace omakase::app
