#include "app/model_access.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "app/server_file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "net/client.h"
#include "process/fd.h"

namespace omakase::app {

namespace {

using std::chrono_literals::operator""s;

constexpr const char* kVendor = "https://api.anthropic.com";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::filesystem::path find_login() {
  const std::string folder =
      variable("CLAUDE_CONFIG_DIR").empty() ? variable("HOME") + "/.claude" : variable("CLAUDE_CONFIG_DIR");
  const std::filesystem::path file = std::filesystem::path(folder) / ".credentials.json";
  std::error_code ec;
  return std::filesystem::exists(file, ec) ? file : std::filesystem::path();
}

std::filesystem::path practice_file(const std::filesystem::path& data) { return data / "practice-model.json"; }

struct PracticeProcess {
  std::string url;
  pid_t pid = 0;

  static std::optional<PracticeProcess> read(const std::filesystem::path& data) {
    const auto text = read_file(practice_file(data));
    const auto object = text ? base::parse_json_object(*text) : base::Result<base::json::object>(base::internal(""));
    if (!object) return std::nullopt;
    const auto pid = base::optional_int(*object, "pid");
    return PracticeProcess{std::string(base::string_or_empty(*object, "url")), static_cast<pid_t>(pid ? pid->value_or(0) : 0)};
  }

  // A process of that id may be somebody else's by now: only one that is a practice model counts.
  bool alive() const {
    const auto line = read_file("/proc/" + std::to_string(pid) + "/cmdline");
    return pid > 0 && line && line->find("practice-model") != std::string::npos;
  }
};

// The line that a new practice model prints when it accepts connections.
std::optional<std::string> read_line(int fd, int timeout_ms) {
  std::string line;
  pollfd wait{fd, POLLIN, 0};
  while (poll(&wait, 1, timeout_ms) > 0) {
    char c = 0;
    if (read(fd, &c, 1) != 1) return std::nullopt;
    if (c == '\n') return line;
    line.push_back(c);
  }
  return std::nullopt;
}

// A daemon: it must not end with this server.
base::Result<PracticeProcess> start_practice(const std::filesystem::path& data, const std::string& listen) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return base::internal("pipe failed");
  const process::Fd reading(pipe_ends[0]);
  process::Fd writing(pipe_ends[1]);
  const std::string log = (data / "practice-model.log").string();
  const pid_t pid = fork();
  if (pid < 0) return base::internal("fork failed");
  if (pid == 0) {
    setsid();
    dup2(writing.get(), STDOUT_FILENO);
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    const int errors = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(errors, STDERR_FILENO);
    for (int fd = 3; fd < 1024; ++fd) close(fd);
    execl("/proc/self/exe", "omakase", "practice-model", "--listen", listen.c_str(), nullptr);
    _exit(127);
  }
  writing = process::Fd();
  const auto url = read_line(reading.get(), 10'000);
  if (!url) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return base::fail(base::ErrorKind::kUnavailable, "practice_failed",
                      "The practice model did not start; " + log + " says why.");
  }
  return PracticeProcess{std::string(base::trim(*url)), pid};
}

runtime::Task<base::Result<std::string>> practice_model(const Config& config) {
  const auto earlier = PracticeProcess::read(config.data);
  if (earlier && earlier->alive()) {
    const auto answer = co_await net::fetch({.method = net::Method::kHead, .url = earlier->url + "/"}, 2s);
    if (answer) co_return earlier->url;
  }
  // The address that running agents know, when it is free.
  auto started = base::Result<PracticeProcess>(base::internal("not started"));
  if (earlier && earlier->url.starts_with("http://")) started = start_practice(config.data, earlier->url.substr(7));
  if (!started) started = start_practice(config.data, "127.0.0.1:0");
  if (!started) co_return std::unexpected(started.error());
  OMAKASE_CO_CHECK(write_private_file(practice_file(config.data),
                                      base::json::serialize(base::json::object{{"url", started->url}, {"pid", started->pid}})));
  base::log_info("practice model started", {{"url", started->url}, {"pid", started->pid}});
  co_return started->url;
}

// The kind of key that the server has is the kind that the agent believes to have: Claude Code asks in another way with each.
std::optional<ModelAccess> with_key(const Config& config) {
  const std::string token = variable("ANTHROPIC_AUTH_TOKEN");
  const std::string oauth = variable("CLAUDE_CODE_OAUTH_TOKEN");
  ModelAccess access;
  runner::ModelUpstream upstream;
  if (!config.anthropic_api_key.empty()) {
    access.token_variable = "ANTHROPIC_API_KEY";
    upstream.credentials = {{"x-api-key", config.anthropic_api_key}};
  } else if (!token.empty()) {
    access.token_variable = "ANTHROPIC_AUTH_TOKEN";
    upstream.credentials = {{"authorization", "Bearer " + token}};
  } else if (!oauth.empty()) {
    access.token_variable = "CLAUDE_CODE_OAUTH_TOKEN";
    upstream.credentials = {{"authorization", "Bearer " + oauth}};
  } else {
    return std::nullopt;
  }
  access.reason = access.token_variable + " is set; it stays with the runners, out of the agents' reach.";
  access.upstream = std::move(upstream);
  return access;
}

runtime::Task<base::Result<ModelAccess>> practice_access(const Config& config) {
  OMAKASE_CO_TRY(const std::string url, co_await practice_model(config));
  ModelAccess access;
  access.kind = "practice";
  access.reason = config.practice == "on" ? "The practice model was asked for (--practice on)."
                                          : "There is no ANTHROPIC_API_KEY and no Claude login.";
  access.upstream = runner::ModelUpstream{.url = url};
  co_return access;
}

}  // namespace

process::Environment network_environment() {
  process::Environment environment;
  for (const char* name : {"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE",
                           "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"}) {
    if (const std::string value = variable(name); !value.empty()) environment.push_back(std::string(name) + "=" + value);
  }
  return environment;
}

runtime::Task<base::Result<ModelAccess>> find_model(const Config& config) {
  if (config.practice == "on") co_return co_await practice_access(config);
  std::optional<ModelAccess> access = with_key(config);
  if (!access && !config.anthropic_base_url.empty()) {
    // An address of one's own may need no key.
    access = ModelAccess{.reason = "The model's address is set, without a key.", .upstream = runner::ModelUpstream{}};
  }
  if (!access) {
    const auto login = find_login();
    if (login.empty() && config.practice == "auto") co_return co_await practice_access(config);
    co_return ModelAccess{
        .kind = "login",
        .reason = login.empty()
                      ? "There is neither a key nor a login: agents cannot ask their model."
                      : "The Claude login of this account is used. The agents' tools can read it; a key they could not.",
        .login_file = login};
  }
  access->upstream->url = config.anthropic_base_url.empty() ? kVendor : config.anthropic_base_url;
  access->upstream->proxies = network_environment();
  co_return *std::move(access);
}

void end_practice_model(const std::filesystem::path& data) {
  const auto running = PracticeProcess::read(data);
  if (running && running->alive()) kill(running->pid, SIGTERM);
}

}  // namespace omakase::app
