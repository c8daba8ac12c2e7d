#include "app/serve.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "agents/repo_url.h"
#include "agents/work_sessions.h"
#include "api/api.h"
#include "app/backup.h"
#include "app/confinement.h"
#include "app/doctor.h"
#include "app/metrics.h"
#include "app/model_access.h"
#include "app/scripts_folder.h"
#include "app/server_file.h"
#include "base/ids.h"
#include "base/log.h"
#include "net/server.h"
#include "practice/kitchen.h"
#include "runtime/loop.h"
#include "store/data_lock.h"
#include "store/secret_box.h"
#include "store/sqlite/sqlite_store.h"

namespace omakase::app {

namespace {

using runtime::Task;

bool is_loopback(const std::string& address) { return address == "127.0.0.1" || address == "::1"; }

base::Result<void> check_exposure(const Config& config) {
  if (is_loopback(config.address) || (!config.public_url.empty() && config.behind_proxy)) return {};
  return base::invalid(
      "exposed",
      "Listening on " + config.address +
          " needs --public-url (the https:// address people use) and --behind-proxy (a proxy in front that ends TLS).");
}

// "127.0.0.1:7777" and its other names; what the Host header may say.
std::vector<std::string> host_names(const Config& config, std::uint16_t port) {
  const std::string suffix = ":" + std::to_string(port);
  std::vector<std::string> hosts{"127.0.0.1" + suffix, "localhost" + suffix, "[::1]" + suffix};
  if (const std::size_t at = config.public_url.find("://"); at != std::string::npos) {
    const std::string rest = config.public_url.substr(at + 3);
    hosts.push_back(rest.substr(0, rest.find('/')));
  }
  return hosts;
}

// Where programs on this machine reach the server.
std::string local_url(const Config& config, std::uint16_t port) {
  const bool v6 = config.address.find(':') != std::string::npos;
  std::string host = v6 ? "[" + config.address + "]" : config.address;
  if (config.address == "0.0.0.0") host = "127.0.0.1";
  if (config.address == "::") host = "[::1]";
  return "http://" + host + ":" + std::to_string(port);
}

// Variables of ours that programs need to reach the network and the operator's credentials.
process::Environment pass_on(std::initializer_list<const char*> names) {
  process::Environment environment;
  for (const char* name : names) {
    if (const char* value = std::getenv(name)) environment.push_back(std::string(name) + "=" + value);
  }
  return environment;
}

agents::SessionOptions session_options(const Config& config, const Machine& machine, const ModelAccess& model,
                                       const Confinement& confinement, std::filesystem::path scripts,
                                       std::filesystem::path refused_calls) {
  agents::SessionOptions options;
  options.workspace_root = config.workspace_root;
  options.state_root = config.data / "projects";
  options.runners = config.data / "runners";
  options.scripts = std::move(scripts);
  options.refused_calls = std::move(refused_calls);
  options.claude_bin = machine.claude_bin;
  options.path = machine.path;
  options.setup_environment = pass_on(
      {"HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "XDG_CONFIG_HOME"});
  options.setup_environment.push_back("PATH=" + machine.path);
  options.setup_environment.push_back("LANG=C.UTF-8");
  options.network_environment = network_environment();
  for (const std::string& entry : options.network_environment) options.setup_environment.push_back(entry);
  options.model_access = model.kind;
  options.model_upstream = model.upstream;
  options.token_variable = model.token_variable;
  options.login_file = model.login_file;
  options.model = config.model;
  options.metered = !model.practice();
  options.model_head_timeout = std::chrono::seconds(config.model_head_timeout_s);
  options.model_idle_timeout = std::chrono::seconds(config.model_idle_timeout_s);
  options.sandbox = confinement.sandbox;
  options.network = confinement.network;
  options.limits.processes = config.agent_processes;
  if (config.agent_memory_mib > 0) options.limits.memory_bytes = std::int64_t{config.agent_memory_mib} << 20;
  options.allow_local = is_loopback(config.address);
  options.idle_timeout = std::chrono::seconds(config.idle_timeout_s);
  options.orphan_timeout = std::chrono::seconds(config.orphan_timeout_s);
  options.clone_timeout = std::chrono::seconds(config.clone_timeout_s);
  options.install_timeout = std::chrono::seconds(config.install_timeout_s);
  options.clone_limit_mb = config.clone_limit_mb;
  options.install_limit_mb = config.install_limit_mb;
  options.spool_retention = std::chrono::hours(24 * config.spool_retention_days);
  options.permission_timeout = std::chrono::seconds(config.permission_timeout_s);
  options.silence_notice = std::chrono::seconds(config.silence_notice_s);
  options.silence_limit = std::chrono::seconds(config.silence_limit_s);
  options.max_sessions = static_cast<std::size_t>(config.max_sessions);
  options.permission_mode = model::parse_permission_mode(config.permission_mode).value_or(model::PermissionMode::kBypass);
  return options;
}

// What is left for the store, the runners and the streams when connections take all they may.
int highest_descriptor_of_a_connection() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > 1'000'000) return 0;
  const auto limit = static_cast<int>(files.rlim_cur);
  return limit - std::min(limit / 4, 256);
}

net::ClientLimit client_limit(std::optional<int> given, std::size_t usual) {
  return {given ? static_cast<std::size_t>(*given) : usual, given.has_value()};
}

api::StreamLimits stream_limits(const Config& config) {
  return {static_cast<std::size_t>(config.max_streams), client_limit(config.streams_per_address, 1000)};
}

base::Result<net::ServerOptions> server_options(const Config& config) {
  net::ServerOptions options;
  options.max_connections = static_cast<std::size_t>(config.max_connections);
  options.connections_per_client = client_limit(config.connections_per_address, 1000);
  options.requests_per_second = client_limit(config.requests_per_address, 200);
  options.max_descriptor = highest_descriptor_of_a_connection();
  options.head_limit = std::chrono::seconds(config.head_timeout_s);
  options.body_limit = std::chrono::seconds(config.body_timeout_s);
  options.idle_limit = std::chrono::seconds(config.keep_alive_timeout_s);
  for (const std::string& text : config.trusted_proxies) {
    const auto network = net::Network::parse(text);
    if (!network) {
      return base::invalid("bad_proxy",
                           "--trusted-proxy: \"" + text + "\" is neither an address nor a network such as 10.0.0.0/8.");
    }
    options.proxies.push_back(*network);
  }
  return options;
}

base::Result<void> make_folders(const Config& config) {
  for (const auto& folder : {config.workspace_root, config.data / "projects", config.data / "runners"}) {
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec)
      return base::fail(base::ErrorKind::kUnavailable, "disk_error",
                        "Cannot make " + folder.string() + ": " + ec.message() + ".");
  }
  return {};
}

// The first project of a newcomer without a key: something to try on at once.
Task<base::Result<void>> add_practice_project(const Config& config, store::Catalog& catalog, const base::Clock& clock) {
  OMAKASE_CO_TRY(const auto existing, co_await catalog.projects(true, std::nullopt, 1));
  if (!existing.empty()) co_return base::Result<void>();
  OMAKASE_CO_TRY(const std::string path, practice::ensure_practice_kitchen(config.data.string()));
  model::Project project;
  project.id = "practice-kitchen";
  project.name = "practice-kitchen";
  project.repo_url = path;
  project.created_at = clock.now();
  OMAKASE_CO_CHECK(co_await catalog.create_project(std::move(project)));
  co_return base::Result<void>();
}

// Asked of the disk itself, quotas included: a server that nobody sends messages to would not learn of it otherwise.
bool has_space(const std::filesystem::path& folder) {
  constexpr off_t kEnough = 64 * 1024;
  const int fd = open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool given = posix_fallocate(fd, 0, kEnough) == 0;
  close(fd);
  return given;
}

base::Result<void> readiness(const Config& config, const store::sqlite::SqliteStore& store) {
  if (!store.healthy()) {
    return base::fail(base::ErrorKind::kUnavailable, "store_unavailable",
                      "The store failed to write and is read-only until the server is restarted.");
  }
  if (store.counts().disk_full && !has_space(config.data)) {
    return base::fail(base::ErrorKind::kUnavailable, "disk_full", "No space is left on the disk of the data folder.");
  }
  return {};
}

// Everything from the store to the socket, for as long as the server runs.
Task<base::Result<void>> run_server(const Config& config, runtime::Loop& loop, store::sqlite::SqliteStore& store,
                                    const base::Clock& clock) {
  const auto started_at = std::chrono::system_clock::now();
  OMAKASE_CO_TRY(net::ServerOptions listening_as, server_options(config));
  const Machine machine = look_at_machine(config);
  OMAKASE_CO_TRY(const store::SecretBox secrets, store::SecretBox::load(config.data));
  OMAKASE_CO_TRY(const ModelAccess model, co_await find_model(config));
  OMAKASE_CO_TRY(const Confinement confinement, co_await decide_confinement(config, machine, model));
  OMAKASE_CO_TRY(auto scripts, unpack_scripts(config.data));
  OMAKASE_CO_TRY(auto refused_calls, write_refused_calls(config.data));
  if (model.practice()) {
    if (const auto added = co_await add_practice_project(config, store.catalog(), clock); !added) {
      base::log_warn("no practice project", {{"error", added.error().detail}});
    }
  }

  feed::Feed feed(loop.executor(), store.messages(), config.stream_threads);
  OMAKASE_CO_CHECK(co_await feed.start());
  agents::WorkSessions sessions(
      {loop.executor(), clock, store.messages(), store.catalog(), feed, secrets},
      session_options(config, machine, model, confinement, std::move(scripts), std::move(refused_calls)));
  const std::string local_token = "oml_" + base::new_secret(32);
  access::Gate gate(store.people(), store.messages(), clock, {config.token, local_token});

  std::unique_ptr<api::Api> api;
  listening_as.larger_body = [&api](const net::Request& head) { return api->larger_body(head); };
  net::Server server(loop.executor(), [&api](net::Request& request) { return api->handle(request); }, std::move(listening_as));
  if (auto listening = server.listen(config.address, config.port); !listening) {
    co_await feed.stop();
    co_return listening;
  }
  const std::string local = local_url(config, server.port());
  const std::string url = config.public_url.empty() ? local : config.public_url;
  notify::Notifier notifier({loop.executor(), clock, store.catalog(), store.people(), secrets, feed}, url, network_environment());
  store::RunFacts run_facts(store.messages());
  const api::Services services{
      .clock = clock,
      .log = store.messages(),
      .run_facts = run_facts,
      .catalog = store.catalog(),
      .people = store.people(),
      .secrets = secrets,
      .feed = feed,
      .gate = gate,
      .sessions = sessions,
      .notifier = notifier,
      .doctor = [&] { return examine(config, machine, model); },
      .check_repo_url = [&](std::string_view url) { return agents::check_repo_url(url, is_loopback(config.address)); },
      .ready = [&] { return readiness(config, store); },
      .metrics = [&] { return metrics_text({server, store, feed, sessions, notifier, started_at}); }};
  const std::string port = std::to_string(server.port());
  api = std::make_unique<api::Api>(
      services, api::ApiOptions{host_names(config, server.port()), "omakase_" + port, config.public_url.starts_with("https://"),
                                config.retry_ms, client_limit(config.requests_per_token, 100), stream_limits(config),
                                config.push_services});
  runtime::TaskGroup upkeep(loop.executor());
  upkeep.spawn("watch of streams", api->watch_streams());
  upkeep.spawn("uses of tokens", gate.keep_uses());

  base::Result<void> started = co_await sessions.recover();
  base::Result<std::string> code =
      started ? co_await gate.new_login_code(std::string(model::kOperatorId)) : std::unexpected(started.error());
  // Before anybody is told that the server is there: who knows it may end it.
  boost::asio::signal_set signals(loop.executor(), SIGTERM, SIGINT);
  if (code) started = ServerFile{local, url, local_token, getpid()}.write(config.data);
  if (code && started) {
    server.serve();
    std::printf("%s/#login=%s\n", url.c_str(), code->c_str());
    std::fflush(stdout);
    base::log_info("serving", {{"url", url}, {"data", config.data.string()}, {"practice", model.practice() ? "yes" : "no"}});
    co_await signals.async_wait(runtime::use_tuple);
    signals.clear();  // a second one ends the server at once
    base::log_info("stopping");
  }
  server.stop();
  co_await server.join();
  upkeep.cancel();
  co_await upkeep.join();
  co_await gate.write_uses();
  co_await sessions.stop();
  co_await notifier.stop();
  co_await feed.stop();
  if (!code) co_return std::unexpected(code.error());
  const auto active = co_await store.messages().active_runs(model::RunKind::kWorkSession);
  if (active && active->empty()) end_practice_model(config.data);
  co_return started;
}

int fail(const base::Error& error) {
  std::fprintf(stderr, "omakase: %s\n", error.detail.c_str());
  return 1;
}

}  // namespace

int serve(const Config& config) {
  base::set_log_level(config.log_level);
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  if (const auto safe = check_exposure(config); !safe) return fail(safe.error());
  if (const auto made = store::make_data_folder(config.data); !made) return fail(made.error());
  const auto lock = store::DataLock::acquire(config.data);
  if (!lock) return fail(lock.error());
  if (const auto whole = check_restored(config.data); !whole) return fail(whole.error());
  if (const auto made = make_folders(config); !made) return fail(made.error());

  const base::SystemClock clock;
  runtime::Loop loop;
  auto store = store::sqlite::SqliteStore::open(config.data, loop.executor(), clock);
  if (!store) return fail(store.error());
  const auto ended = runtime::run_task(loop, run_server(config, loop, **store, clock));
  (*store)->close();
  return ended ? 0 : fail(ended.error());
}

}  // namespace omakase::app
