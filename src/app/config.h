// Every setting of the server, from (strongest first) flags, environment and one TOML file. `omakase serve --help` documents
// them; docs/operations.md repeats the list. Values only.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace omakase::app {

struct Config {
  std::string listen = "127.0.0.1:7777";
  std::filesystem::path data;            // default_data_folder()
  std::filesystem::path workspace_root;  // empty: <data>/workspaces
  std::string token;                     // the administrator's, for programs
  std::string claude_bin;                // empty: looked for in PATH and beside this program
  std::string anthropic_base_url;        // empty: the vendor's
  std::string anthropic_api_key;
  std::string model;                   // of the agents; empty: the agent's own default
  std::string practice = "auto";       // auto, on, off: whether a scripted model answers
  std::string sandbox = "auto";        // auto (used where it can be had), on (refuse to start without), off
  std::string agent_network = "auto";  // auto (internet where it can be had, else open), internet, model, open
  int agent_processes = 1000;          // at most in one sandbox
  int agent_memory_mib = 0;            // at most in one sandbox; 0: three quarters of the machine's
  int model_head_timeout_s = 300;
  int model_idle_timeout_s = 120;
  int spool_retention_days = 7;
  std::string public_url;
  bool behind_proxy = false;
  std::vector<std::string> trusted_proxies;  // addresses or networks
  std::vector<std::string> push_services;    // beginnings of addresses
  int head_timeout_s = 10;
  int body_timeout_s = 30;
  int keep_alive_timeout_s = 75;
  int max_connections = 8192;
  // Of one address, or of one token. Where they are not set the defaults hold for other machines only. 0: any number.
  std::optional<int> connections_per_address;  // 1000
  int max_streams = 0;                         // any number
  std::optional<int> streams_per_address;      // 1000
  std::optional<int> requests_per_address;     // a second; 200
  std::optional<int> requests_per_token;       // a second; 100
  std::size_t stream_threads = 1;
  int retry_ms = 1000;
  int idle_timeout_s = 30 * 60;
  int orphan_timeout_s = 10 * 60;
  int clone_timeout_s = 15 * 60;
  int install_timeout_s = 30 * 60;
  int clone_limit_mb = 10 * 1024;
  int install_limit_mb = 20 * 1024;
  int permission_timeout_s = 24 * 60 * 60;
  int silence_notice_s = 20;
  int silence_limit_s = 5 * 60;
  int max_sessions = 32;
  std::string permission_mode = "bypass";  // of new conversations
  std::string log_level = "info";

  // Of `listen`.
  std::string address;
  std::uint16_t port = 0;
};

// $XDG_DATA_HOME/omakase, else ~/.local/share/omakase.
std::filesystem::path default_data_folder();

// Reads the arguments after `serve`. The error's code is `help` when help was asked for (detail is the text) and `usage` for a
// mistake.
base::Result<Config> read_config(std::span<const std::string> arguments);

}  // namespace omakase::app
