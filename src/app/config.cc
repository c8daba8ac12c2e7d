#include "app/config.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdlib>

#include "base/text.h"

namespace omakase::app {

namespace {

// Environment variables are stronger than the file and weaker than flags: they become flags where none was given.
std::vector<std::string> with_environment(const CLI::App& app, std::span<const std::string> arguments) {
  std::vector<std::string> all(arguments.begin(), arguments.end());
  for (const CLI::Option* option : app.get_options()) {
    const std::string flag = option->get_name(false, false);
    const char* value = option->get_envname().empty() ? nullptr : std::getenv(option->get_envname().c_str());
    if (!value || !*value) continue;
    const bool given = std::ranges::any_of(
        arguments, [&](const std::string& argument) { return argument == flag || argument.starts_with(flag + "="); });
    if (!given) all.push_back(flag + "=" + value);
  }
  return all;
}

base::Result<void> split_listen(Config& config) {
  const std::size_t colon = config.listen.rfind(':');
  const auto bad =
      base::invalid("usage", "--listen takes a numeric address and a port, such as 127.0.0.1:7777 or [::1]:7777.", "listen");
  if (colon == std::string::npos) return bad;
  config.address = config.listen.substr(0, colon);
  if (config.address.starts_with('[') && config.address.ends_with(']'))
    config.address = config.address.substr(1, config.address.size() - 2);
  const char* end = config.listen.data() + config.listen.size();
  const auto [at, error] = std::from_chars(config.listen.data() + colon + 1, end, config.port);
  if (error != std::errc() || at != end || config.address.empty()) return bad;
  return {};
}

// What the server takes from whom, and for how long it waits.
void declare_edge(CLI::App& app, Config& config) {
  app.add_option("--trusted-proxy", config.trusted_proxies,
                 "Proxies whose X-Forwarded-For is believed: addresses or networks such as 10.0.0.0/8, comma separated")
      ->envname("OMAKASE_TRUSTED_PROXY")
      ->delimiter(',');
  app.add_option("--push-service", config.push_services,
                 "Push services beside those of the known browsers: how their addresses begin, comma separated")
      ->envname("OMAKASE_PUSH_SERVICE")
      ->delimiter(',');
  app.add_option("--head-timeout", config.head_timeout_s, "Seconds that the head of a request may take")
      ->envname("OMAKASE_HEAD_TIMEOUT")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--body-timeout", config.body_timeout_s, "Seconds that the body of a request may take")
      ->envname("OMAKASE_BODY_TIMEOUT")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--keep-alive-timeout", config.keep_alive_timeout_s, "Seconds that a connection may rest between requests")
      ->envname("OMAKASE_KEEP_ALIVE_TIMEOUT")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--max-connections", config.max_connections, "Connections at once, besides event streams")
      ->envname("OMAKASE_MAX_CONNECTIONS")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--connections-per-address", config.connections_per_address,
                 "Connections of one address at once, besides event streams (default: 1000, for other machines; 0: any number)")
      ->envname("OMAKASE_CONNECTIONS_PER_ADDRESS")
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--max-streams", config.max_streams, "Event streams at once (0: as many as there are file descriptors for)")
      ->envname("OMAKASE_MAX_STREAMS")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  app.add_option("--streams-per-address", config.streams_per_address,
                 "Event streams of one address at once (default: 1000, for other machines; 0: any number)")
      ->envname("OMAKASE_STREAMS_PER_ADDRESS")
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--requests-per-address", config.requests_per_address,
                 "Requests of one address in a second (default: 200, for other machines; 0: any number)")
      ->envname("OMAKASE_REQUESTS_PER_ADDRESS")
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--requests-per-token", config.requests_per_token,
                 "Requests with one token or login in a second (default: 100, for other machines; 0: any number)")
      ->envname("OMAKASE_REQUESTS_PER_TOKEN")
      ->check(CLI::Range(0, 1'000'000));
}

void declare(CLI::App& app, Config& config, std::string& data, std::string& workspace_root) {
  app.add_option("--listen", config.listen, "Address and port; port 0 takes a free one")
      ->envname("OMAKASE_LISTEN")
      ->capture_default_str();
  app.add_option("--data", data, "Folder of the store, the workspaces and the runners")
      ->envname("OMAKASE_DATA")
      ->capture_default_str();
  app.add_option("--workspace-root", workspace_root, "Folder of the workspaces (default: <data>/workspaces)")
      ->envname("OMAKASE_WORKSPACE_ROOT");
  app.add_option("--token", config.token, "An administrator's token for programs; better set in the environment")
      ->envname("OMAKASE_TOKEN");
  app.add_option("--claude-bin", config.claude_bin, "The Claude Code program (default: in PATH, else beside this program)")
      ->envname("OMAKASE_CLAUDE_BIN");
  app.add_option("--anthropic-base-url", config.anthropic_base_url, "Where the model answers (default: the vendor's address)")
      ->envname("ANTHROPIC_BASE_URL");
  app.add_option("--anthropic-api-key", config.anthropic_api_key, "The model's key; better set in the environment")
      ->envname("ANTHROPIC_API_KEY");
  app.add_option("--model", config.model, "The agents' model (default: Claude Code's own)")->envname("OMAKASE_MODEL");
  app.add_option("--practice", config.practice, "Scripted answers: auto (without a key and a login), on, off")
      ->envname("OMAKASE_PRACTICE")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->capture_default_str();
  app.add_option("--sandbox", config.sandbox, "Agents in bubblewrap: auto (where it works), on (refuse to start without), off")
      ->envname("OMAKASE_SANDBOX")
      ->check(CLI::IsMember({"auto", "on", "off"}))
      ->capture_default_str();
  app.add_option("--agent-network", config.agent_network,
                 "What agents reach: internet (not this machine), model (nothing else), open (all), auto (internet, else open)")
      ->envname("OMAKASE_AGENT_NETWORK")
      ->check(CLI::IsMember({"auto", "internet", "model", "open"}))
      ->capture_default_str();
  app.add_option("--agent-processes", config.agent_processes, "Processes in one sandbox, above which it is ended")
      ->envname("OMAKASE_AGENT_PROCESSES")
      ->check(CLI::Range(16, 1'000'000))
      ->capture_default_str();
  app.add_option("--agent-memory", config.agent_memory_mib,
                 "MiB of memory in one sandbox, above which it is ended (0: three quarters of this machine's)")
      ->envname("OMAKASE_AGENT_MEMORY")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  app.add_option("--model-head-timeout", config.model_head_timeout_s, "Seconds that a model may take to begin an answer")
      ->envname("OMAKASE_MODEL_HEAD_TIMEOUT")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--model-idle-timeout", config.model_idle_timeout_s, "Seconds that a model may be silent within an answer")
      ->envname("OMAKASE_MODEL_IDLE_TIMEOUT")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--spool-retention", config.spool_retention_days,
                 "Days for which what ended agents said is kept as they said it")
      ->envname("OMAKASE_SPOOL_RETENTION")
      ->check(CLI::Range(0, 36'500))
      ->capture_default_str();
  app.add_option("--public-url", config.public_url, "The address people use, when it is not the one listened on")
      ->envname("OMAKASE_PUBLIC_URL");
  app.add_flag("--behind-proxy", config.behind_proxy, "A proxy in front ends TLS; needed to listen beyond loopback")
      ->envname("OMAKASE_BEHIND_PROXY");
  declare_edge(app, config);
  app.add_option("--stream-threads", config.stream_threads, "Threads that send event streams")
      ->envname("OMAKASE_STREAM_THREADS")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--retry-ms", config.retry_ms, "How long browsers wait before they reconnect, jittered by half")
      ->envname("OMAKASE_RETRY_MS")
      ->check(CLI::Range(10, 60'000))
      ->capture_default_str();
  app.add_option("--idle-timeout", config.idle_timeout_s, "Seconds without activity that end a work session")
      ->envname("OMAKASE_IDLE_TIMEOUT")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--orphan-timeout", config.orphan_timeout_s, "Seconds that a runner waits for a server before it ends itself")
      ->envname("OMAKASE_ORPHAN_TIMEOUT")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--clone-timeout", config.clone_timeout_s, "Seconds that a clone or fetch may take")
      ->envname("OMAKASE_CLONE_TIMEOUT")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--install-timeout", config.install_timeout_s, "Seconds that installing dependencies may take")
      ->envname("OMAKASE_INSTALL_TIMEOUT")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--clone-limit-mb", config.clone_limit_mb, "Megabytes that a repository may take: its history, and its files")
      ->envname("OMAKASE_CLONE_LIMIT_MB")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--install-limit-mb", config.install_limit_mb, "Megabytes that an install of dependencies may write")
      ->envname("OMAKASE_INSTALL_LIMIT_MB")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--permission-timeout", config.permission_timeout_s, "Seconds after which what an agent asks for is denied")
      ->envname("OMAKASE_PERMISSION_TIMEOUT")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--silence-notice", config.silence_notice_s, "Seconds of an agent's silence in a turn until the page says so")
      ->envname("OMAKASE_SILENCE_NOTICE")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--silence-limit", config.silence_limit_s,
                 "Seconds of an agent's silence, with no tool running, that end the turn")
      ->envname("OMAKASE_SILENCE_LIMIT")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--max-sessions", config.max_sessions, "Sessions at once; each agent takes some 200 MB of memory")
      ->envname("OMAKASE_MAX_SESSIONS")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--permission-mode", config.permission_mode,
                 "What agents may do without asking, in new conversations: bypass, ask, acceptEdits, plan")
      ->envname("OMAKASE_PERMISSION_MODE")
      ->check(CLI::IsMember({"bypass", "ask", "acceptEdits", "plan"}))
      ->capture_default_str();
  app.add_option("--log-level", config.log_level, "debug, info, warn, error or off")
      ->envname("OMAKASE_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.set_config("--config", "", "A TOML file with these settings, named as here without the dashes")->envname("OMAKASE_CONFIG");
}

}  // namespace

std::filesystem::path default_data_folder() {
  if (const char* xdg = std::getenv("XDG_DATA_HOME"); xdg && *xdg) return std::filesystem::path(xdg) / "omakase";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home && *home ? home : "/var/lib") / ".local/share/omakase";
}

base::Result<Config> read_config(std::span<const std::string> arguments) {
  Config config;
  std::string data = default_data_folder().string();
  std::string workspace_root;
  CLI::App app("Serves Omakase: the page, the API, and the agents' work sessions.", "omakase serve");
  declare(app, config, data, workspace_root);
  try {
    std::vector<std::string> all = with_environment(app, arguments);
    std::ranges::reverse(all);  // CLI11 takes a vector from its end
    app.parse(all);
  } catch (const CLI::CallForHelp&) {
    return base::fail(base::ErrorKind::kInvalid, "help", app.help());
  } catch (const CLI::ParseError& error) {
    return base::invalid("usage", error.what());
  }
  OMAKASE_CHECK(split_listen(config));
  config.data = std::filesystem::absolute(data).lexically_normal();
  config.workspace_root =
      workspace_root.empty() ? config.data / "workspaces" : std::filesystem::absolute(workspace_root).lexically_normal();
  return config;
}

}  // namespace omakase::app
