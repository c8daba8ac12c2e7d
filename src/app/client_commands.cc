#include "app/client_commands.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <iostream>
#include <iterator>

#include "app/doctor.h"
#include "app/model_access.h"
#include "app/server_file.h"
#include "base/ids.h"
#include "base/json.h"
#include "net/client.h"
#include "net/sse.h"
#include "process/fd.h"
#include "runner/link.h"
#include "runner/presence.h"
#include "runtime/loop.h"

namespace omakase::app {

namespace json = base::json;

namespace {

using runtime::Task;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

int complain(const base::Error& error) {
  std::fprintf(stderr, "omakase: %s\n", error.detail.c_str());
  return 1;
}

// Where the server is, and who we are to it.
struct Target {
  std::string url;
  std::string public_url;  // what people open; empty: the same
  std::string token;
  std::filesystem::path data;

  base::Result<void> resolve() {
    if (const auto file = ServerFile::read(data)) {
      if (url.empty()) {
        url = file->url;
        public_url = file->public_url;
      }
      if (token.empty() && url == file->url) token = file->token;
    }
    if (!url.empty()) return {};
    return base::not_found("no_server", "There is no server of the data folder " + data.string() +
                                            ". Start one with `omakase serve`, or set OMAKASE_URL.");
  }

  std::vector<net::Header> headers() const { return {{"Authorization", "Bearer " + token}}; }
};

// Declares the options that every client command has, reads the words, and finds the server.
struct ClientCommand {
  CLI::App app;
  Target target;
  std::string data = default_data_folder().string();

  ClientCommand(const std::string& description, const std::string& name) : app(description, "omakase " + name) {
    app.add_option("--data", data, "The server's data folder")->envname("OMAKASE_DATA")->capture_default_str();
    app.add_option("--url", target.url, "The server's address, instead of a data folder")->envname("OMAKASE_URL");
    app.add_option("--token", target.token, "A token of the server; better set in the environment")->envname("OMAKASE_TOKEN");
  }

  // The exit code when the command is to end here.
  std::optional<int> parse(std::span<const std::string> arguments) {
    try {
      std::vector<std::string> words(arguments.rbegin(), arguments.rend());
      app.parse(words);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : 2;
    }
    target.data = std::filesystem::absolute(data).lexically_normal();
    return std::nullopt;
  }
};

// The server's answer as an object, or its problem in words.
Task<base::Result<json::object>> call(const Target& target, net::Method method, std::string path, std::string body = {}) {
  net::ClientRequest request{.method = method, .url = target.url + path, .headers = target.headers(), .body = std::move(body)};
  OMAKASE_CO_TRY(const net::ClientResponse response, co_await net::fetch(std::move(request), 30s));
  const auto object = base::parse_json_object(response.body);
  if (response.status < 300) co_return object.value_or(json::object());
  const std::string detail = object ? std::string(base::string_or_empty(*object, "detail")) : "";
  co_return base::fail(base::ErrorKind::kUnavailable, object ? std::string(base::string_or_empty(*object, "code")) : "refused",
                       detail.empty() ? "The server answered " + std::to_string(response.status) + "." : detail);
}

// One line or more for a message, as a person reads them.
void print_message(const json::object& message) {
  const std::string_view type = base::string_or_empty(message, "type");
  const std::string_view role = base::string_or_empty(message, "role");
  const std::string_view time = base::string_or_empty(message, "timestamp");
  const std::string who = base::string_or_empty(message, "sender") == "user" ? "you" : role.empty() ? "agent" : std::string(role);
  std::printf("%.*s  %s%s  %s\n", 8, time.size() >= 19 ? time.data() + 11 : "", who.c_str(),
              type == "message" ? "" : (" (" + std::string(type) + ")").c_str(),
              std::string(base::string_or_empty(message, "content")).c_str());
  if (const json::array* uses = base::array_or_null(message, "toolUses")) {
    for (const json::value& use : *uses) {
      const json::object* object = use.if_object();
      if (object) std::printf("          · %s\n", std::string(base::string_or_empty(*object, "tool")).c_str());
    }
  }
  std::fflush(stdout);
}

// Follows until the run ends, through restarts of the server.
Task<int> follow(const Target& target, std::string run, bool as_json) {
  std::string last_id;
  bool over = false;
  for (int failures = 0; !over;) {
    net::SseReader reader([&](const net::SseEvent& event) {
      failures = 0;
      last_id = event.id;
      over = over || event.event == "close";
      if (event.event != "message") return;
      if (as_json) {
        std::puts(event.data.c_str());
        std::fflush(stdout);
      } else if (const auto message = base::parse_json_object(event.data)) {
        print_message(*message);
      }
    });
    net::ClientRequest request{
        .url = target.url + "/api/agent-runs/" + run + "/messages/stream", .headers = target.headers(), .body = {}};
    if (!last_id.empty()) request.headers.emplace_back("Last-Event-ID", last_id);
    std::string refusal;
    const auto ended = co_await net::fetch_stream(
        std::move(request),
        [&](std::string_view data) {
          if (data.starts_with('{')) refusal += data;
          return reader.feed(data) && !over;
        },
        60s);
    if (over || (ended && ended->status == 204)) co_return 0;
    if (ended && ended->status >= 400) {
      const auto problem = base::parse_json_object(refusal);
      co_return complain(
          base::internal(problem ? std::string(base::string_or_empty(*problem, "detail")) : "The server refused.").error());
    }
    if (++failures > 30) co_return complain(ended ? base::internal("The stream ends again and again.").error() : ended.error());
    co_await runtime::sleep_for(std::min(failures * 200, 2000) * 1ms);
  }
  co_return 0;
}

// Ends every runner of the data folder, also those whose server is gone.
Task<> end_runners(std::filesystem::path data) {
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(data / "runners", ec)) {
    const std::string folder = entry.path().string();
    if (runner::find(folder) != runner::Presence::kAlive) continue;
    auto link = co_await runner::RunnerLink::connect(folder, 0);
    if (!link) continue;
    if (!(*link)->send(runner::message::Stop{})) continue;
    for (auto record = co_await (*link)->next(); record && *record; record = co_await (*link)->next()) {
      if ((*record)->kind != runner::RecordKind::kNote) continue;
      const auto note = runner::decode_note((*record)->payload);
      const bool exited = note && std::holds_alternative<runner::note::Exit>(*note);
      if (exited && !(*link)->send(runner::message::Bye{})) break;
    }
  }
}

Task<> end_sessions(const Target& target) {
  for (const char* agent : {"miso", "nori", "koji", "toro"}) {
    const auto sessions = co_await call(target, net::Method::kGet, std::string("/api/agents/") + agent + "/work-sessions");
    const json::array* items = sessions ? base::array_or_null(*sessions, "items") : nullptr;
    if (!items) continue;
    for (const json::value& item : *items) {
      const json::object* object = item.if_object();
      if (object)
        (void)co_await call(target, net::Method::kDelete,
                            "/api/work-sessions/" + std::string(base::string_or_empty(*object, "runId")));
    }
  }
}

bool wait_for_end(pid_t pid, int limit_ms) {
  const process::Fd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (fd.get() < 0) return true;
  pollfd ended{fd.get(), POLLIN, 0};
  return poll(&ended, 1, limit_ms) > 0;
}

bool is_server(pid_t pid) {
  const auto line = read_file("/proc/" + std::to_string(pid) + "/cmdline");
  return pid > 0 && line && line->find("serve") != std::string::npos;
}

}  // namespace

int doctor_command(std::span<const std::string> arguments) {
  auto config = read_config(arguments);
  if (!config) {
    const bool help = config.error().code == "help";
    std::fprintf(help ? stdout : stderr, "%s\n", config.error().detail.c_str());
    return help ? 0 : 2;
  }
  // Looks only: no practice model is started for it.
  const bool asked = config->practice == "on";
  config->practice = "off";
  runtime::Loop loop;
  auto model = runtime::run_task(loop, find_model(*config));
  if (!model) return complain(model.error());
  if (asked || (model->kind == "login" && model->login_file.empty())) model->kind = "practice";
  const auto report = runtime::run_task(loop, examine(*config, look_at_machine(*config), *model));
  bool missing = false;
  for (const json::value& item : report.at("checks").as_array()) {
    const json::object& check = item.as_object();
    const std::string_view state = base::string_or_empty(check, "state");
    missing = missing || state == "missing";
    std::printf("%-8s %s: %s\n", std::string(state).c_str(), std::string(base::string_or_empty(check, "title")).c_str(),
                std::string(base::string_or_empty(check, "detail")).c_str());
    if (const auto command = base::string_or_empty(check, "command"); !command.empty())
      std::printf("         → %s\n", std::string(command).c_str());
  }
  return missing ? 1 : 0;
}

int login_link_command(std::span<const std::string> arguments) {
  ClientCommand command("Prints a link that signs a browser in: good once, for 15 minutes.", "login-link");
  std::string user;
  command.app.add_option("--user", user, "Whom it signs in, by name or id (default: the first administrator)");
  if (const auto code = command.parse(arguments)) return *code;
  if (const auto found = command.target.resolve(); !found) return complain(found.error());
  const json::object body = user.empty() ? json::object() : json::object{{"user", user}};
  runtime::Loop loop;
  const auto answer =
      runtime::run_task(loop, call(command.target, net::Method::kPost, "/api/login-codes", json::serialize(body)));
  if (!answer) return complain(answer.error());
  const std::string& shown = command.target.public_url.empty() ? command.target.url : command.target.public_url;
  std::printf("%s/#login=%s\n", shown.c_str(), std::string(base::string_or_empty(*answer, "code")).c_str());
  return 0;
}

int send_command(std::span<const std::string> arguments) {
  ClientCommand command("Sends a message to an agent run.", "send");
  std::string run;
  std::string text;
  command.app.add_option("run", run, "The run's id")->required();
  command.app.add_option("text", text, "The message; - reads it from standard input")->required();
  if (const auto code = command.parse(arguments)) return *code;
  if (const auto found = command.target.resolve(); !found) return complain(found.error());
  if (text == "-") text.assign(std::istreambuf_iterator<char>(std::cin), {});
  // The id makes a repeat after a lost answer harmless.
  const json::object body{{"content", text}, {"sender", "user"}, {"id", base::new_ulid(base::SystemClock().now())}};
  runtime::Loop loop;
  const std::string path = "/api/agent-runs/" + run + "/messages";
  auto answer = runtime::run_task(loop, call(command.target, net::Method::kPost, path, json::serialize(body)));
  if (!answer && answer.error().code == "connect_failed")
    answer = runtime::run_task(loop, call(command.target, net::Method::kPost, path, json::serialize(body)));
  if (!answer) return complain(answer.error());
  std::puts(std::string(base::string_or_empty(*answer, "id")).c_str());
  return 0;
}

int follow_command(std::span<const std::string> arguments) {
  ClientCommand command("Prints the conversation of a run as it happens, until the run ends.", "follow");
  std::string run;
  bool as_json = false;
  command.app.add_option("run", run, "The run's id")->required();
  command.app.add_flag("--json", as_json, "One message as JSON on each line");
  if (const auto code = command.parse(arguments)) return *code;
  if (const auto found = command.target.resolve(); !found) return complain(found.error());
  runtime::Loop loop;
  return runtime::run_task(loop, follow(command.target, run, as_json));
}

int stop_command(std::span<const std::string> arguments) {
  ClientCommand command("Ends the server of a data folder. Its agents go on with their turns unless --agents is given.", "stop");
  bool agents = false;
  command.app.add_flag("--agents", agents, "End the agents too");
  if (const auto code = command.parse(arguments)) return *code;
  runtime::Loop loop;
  const auto server = ServerFile::read(command.target.data);
  const bool running = server && is_server(server->pid);
  if (running && agents && command.target.resolve()) runtime::run_task(loop, end_sessions(command.target));
  if (running) {
    kill(server->pid, SIGTERM);
    if (!wait_for_end(server->pid, 15'000))
      return complain(base::internal("The server does not end; its process id is " + std::to_string(server->pid) + ".").error());
    std::puts("The server has ended.");
  } else {
    std::puts("No server is running.");
  }
  if (agents) {
    runtime::run_task(loop, end_runners(command.target.data));
    end_practice_model(command.target.data);
  }
  return 0;
}

}  // namespace omakase::app
