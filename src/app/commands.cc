#include "app/commands.h"

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "app/backup.h"
#include "app/client_commands.h"
#include "app/config.h"
#include "app/sandbox_command.h"
#include "app/serve.h"
#include "practice/command.h"
#include "runner/agent_run.h"

namespace omakase::app {

namespace {

using Arguments = std::span<const std::string>;

constexpr const char* kUsage =
    "Omakase: talk with AI agents while they work.\n"
    "\n"
    "  omakase serve [--listen 127.0.0.1:7777] [--data DIR] …   the server; --help lists every setting\n"
    "  omakase doctor                                           what is missing on this machine, and how to get it\n"
    "  omakase login-link [--user NAME]                         a one-use link for the browser\n"
    "  omakase send RUN TEXT                                    a message to an agent run (TEXT - reads standard input)\n"
    "  omakase follow RUN [--json]                              the conversation of a run, until it ends\n"
    "  omakase stop [--agents]                                  ends the server; with --agents its agents too\n"
    "  omakase backup FILE                                      what the server cannot make again, into one archive\n"
    "  omakase restore FILE                                     … back into an empty data folder\n"
    "  omakase practice-model [--listen 127.0.0.1:0]            the scripted model, on loopback\n"
    "  omakase version\n"
    "\n"
    "Client commands find the server through its data folder (--data, OMAKASE_DATA), or by OMAKASE_URL and OMAKASE_TOKEN.\n";

int serve_command(Arguments arguments) {
  const auto config = read_config(arguments);
  if (config) return serve(*config);
  const bool help = config.error().code == "help";
  std::fprintf(help ? stdout : stderr, help ? "%s" : "omakase serve: %s\nTry `omakase serve --help`.\n",
               config.error().detail.c_str());
  return help ? 0 : 2;
}

int version_command(Arguments) {
  std::puts("omakase " OMAKASE_VERSION);
  return 0;
}

int help_command(Arguments) {
  std::fputs(kUsage, stdout);
  return 0;
}

struct CommandEntry {
  std::string_view name;
  int (*function)(Arguments);
};

constexpr CommandEntry kCommands[] = {
    {"serve", serve_command},
    {"doctor", doctor_command},
    {"login-link", login_link_command},
    {"send", send_command},
    {"follow", follow_command},
    {"stop", stop_command},
    {"backup", backup_command},
    {"restore", restore_command},
    {"version", version_command},
    {"--version", version_command},
    {"help", help_command},
    {"--help", help_command},
    {"-h", help_command},
    {"practice-model", practice::run_practice_model},
    // For the house itself.
    {"agent-run", runner::run_agent_run},
    {"confined", sandbox_command},
};

}  // namespace

int run(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty()) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  for (const CommandEntry& command : kCommands) {
    if (command.name == words[0]) return command.function(Arguments(words).subspan(1));
  }
  std::fprintf(stderr, "omakase: there is no command \"%s\".\n\n%s", words[0].c_str(), kUsage);
  return 2;
}

}  // namespace omakase::app
