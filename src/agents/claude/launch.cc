#include "agents/claude/launch.h"

#include <unistd.h>

#include <algorithm>

#include "agents/claude/input.h"
#include "base/text.h"
#include "runner/runner_folder.h"

namespace omakase::agents::claude {

namespace {

constexpr std::string_view kModeFlag = "--permission-mode";

constexpr const char* kChatWords =
    "You are in chat mode: you talk with a person about this project, and you can read and search its files. You cannot change "
    "files or run commands. When you are asked to, say so, and that switching the conversation to work mode lets you.";

std::vector<std::string> arguments(const Launch& launch, const std::string& program) {
  std::vector<std::string> argv{program, "-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose",
                                "--include-partial-messages", "--replay-user-messages",
                                // Whatever needs a person's consent, and whatever it wants to know of a person, comes to us.
                                "--permission-prompt-tool", "stdio", std::string(kModeFlag),
                                std::string(mode_word(launch.chat ? model::PermissionMode::kAsk : launch.permission_mode))};
  const bool everything = !launch.chat && launch.permission_mode == model::PermissionMode::kBypass;
  if (everything) {
    // Such a process protects nothing while it plans: it is told to ask instead (Session::set_agent_mode), and must not begin
    // to plan by itself.
    argv.insert(argv.end(), {"--allow-dangerously-skip-permissions", "--disallowedTools", "EnterPlanMode"});
  }
  if (launch.chat) argv.insert(argv.end(), {"--tools", "Read,Grep,Glob,AskUserQuestion", "--append-system-prompt", kChatWords});
  // Nothing that the repository brings runs or redirects the model, unless an administrator trusts it: no settings, hooks or MCP
  // servers of its own. Its CLAUDE.md counts all the same, through the context folder.
  argv.insert(argv.end(), {"--setting-sources", launch.trust_repository ? "project" : ""});
  if (!launch.trust_repository) argv.emplace_back("--strict-mcp-config");
  argv.insert(argv.end(), {"--add-dir", launch.folders.context.string()});
  argv.insert(argv.end(), {launch.resume ? "--resume" : "--session-id", launch.session});
  if (!launch.model.empty()) argv.insert(argv.end(), {"--model", launch.model});
  return argv;
}

// The operator's proxies, but not for the relay, which is on the agent's own loopback.
void add_network(process::Environment& all, const process::Environment& network) {
  std::string excepted = "127.0.0.1,localhost";
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    if (const auto value = process::environment_value(network, name); !value.empty()) excepted += "," + std::string(value);
  }
  for (const std::string& entry : network) {
    if (!entry.starts_with("no_proxy=") && !entry.starts_with("NO_PROXY=")) all.push_back(entry);
  }
  if (!network.empty()) all.insert(all.end(), {"no_proxy=" + excepted, "NO_PROXY=" + excepted});
}

process::Environment environment(const SessionOptions& options, const Launch& launch) {
  process::Environment all{"PATH=" + options.path,
                           "HOME=" + launch.folders.home.string(),
                           "LANG=C.UTF-8",
                           "TERM=dumb",
                           "OMAKASE_RUN_ID=" + launch.run_id,
                           "CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD=1",
                           "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
                           "CLAUDE_CODE_DISABLE_AUTO_MEMORY=1",
                           "CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS=1",
                           "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST=1",
                           "DISABLE_AUTOUPDATER=1"};
  if (launch.network != process::Network::kModel) add_network(all, options.network_environment);
  // Version managers look for their tools in the HOME, and those are in the operator's (tool_folders).
  if (const auto home = process::environment_value(options.setup_environment, "HOME"); !home.empty()) {
    const std::filesystem::path rustup = std::filesystem::path(home) / ".rustup";
    const std::filesystem::path pyenv = std::filesystem::path(home) / ".pyenv";
    std::error_code ec;
    if (std::filesystem::is_directory(rustup, ec)) all.push_back("RUSTUP_HOME=" + rustup.string());
    if (std::filesystem::is_directory(pyenv, ec)) all.push_back("PYENV_ROOT=" + pyenv.string());
  }
  // Claude Code refuses to skip its permission prompts as root unless it is told that it is contained.
  if (geteuid() == 0) all.push_back("IS_SANDBOX=1");
  return all;
}

// The package that the program is part of, so that it is whole inside the sandbox.
std::filesystem::path package_folder(const std::filesystem::path& program) {
  for (auto folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "package.json")) return folder;
  }
  return program;
}

// Tools installed outside the system's folders, as the set-up sees them too (scripts/lib/commands.sh): the folders of PATH, and
// where version managers keep what those point to; not what lies beside them.
std::vector<std::string> tool_folders(const SessionOptions& options) {
  namespace fs = std::filesystem;
  std::vector<std::string> folders;
  std::error_code ec;
  const auto add = [&](const fs::path& folder) {
    if (fs::is_directory(folder, ec)) folders.push_back(folder.string());
  };
  for (std::string_view entry : base::split(options.path, ':')) {
    const fs::path folder(entry);
    if (!entry.starts_with('/') || entry.starts_with("/usr/") || entry == "/bin" || entry == "/sbin" ||
        fs::is_symlink(folder, ec))
      continue;
    // A package manager's folder of links is of no use without what they lead to.
    add(folder.filename() == ".bin" && folder.parent_path().filename() == "node_modules" ? folder.parent_path() : folder);
    if (fs::is_directory(folder.parent_path() / "lib/node_modules", ec)) add(folder.parent_path() / "lib");
  }
  if (const auto home = process::environment_value(options.setup_environment, "HOME"); !home.empty()) {
    for (const char* manager : {".rustup", ".pyenv", ".rbenv", ".nvm", ".volta"}) add(fs::path(home) / manager);
  }
  return folders;
}

process::SandboxSpec sandbox(const SessionOptions& options, const Launch& launch, const std::filesystem::path& program) {
  process::SandboxSpec spec;
  spec.read_only = {package_folder(program).string(), launch.folders.context.string()};
  for (std::string& folder : tool_folders(options)) spec.read_only.push_back(std::move(folder));
  spec.read_write = {launch.folders.home.string()};
  (launch.chat ? spec.read_only : spec.read_write).push_back(launch.folders.workspace.string());
  if (!options.login_file.empty()) spec.read_write.push_back(options.login_file.string());
  spec.folder = launch.folders.workspace.string();
  spec.network = launch.network;
  return spec;
}

Result<runner::RunnerSpec> read_spec(const std::string& runner_folder) {
  OMAKASE_TRY(const auto folder, runner::RunnerFolder::open(runner_folder));
  OMAKASE_TRY(const std::string text, folder.read(runner::RunnerFolder::kSpec));
  return runner::decode_spec(text);
}

}  // namespace

runner::RunnerSpec make_spec(const SessionOptions& options, const Launch& launch) {
  std::error_code ec;
  std::filesystem::path program = std::filesystem::canonical(options.claude_bin, ec);
  if (ec) program = options.claude_bin;
  runner::RunnerSpec spec;
  spec.run_id = launch.run_id;
  spec.argv = arguments(launch, program.string());
  spec.environment = environment(options, launch);
  spec.folder = launch.folders.workspace.string();
  if (options.sandbox) spec.sandbox = sandbox(options, launch, program);
  spec.limits = options.limits;
  if (options.model_upstream) {
    spec.relay = runner::RelaySpec{.url_variable = "ANTHROPIC_BASE_URL",
                                   .token_variable = options.token_variable,
                                   .head = options.model_head_timeout,
                                   .idle = options.model_idle_timeout};
  }
  spec.orphan_timeout = options.orphan_timeout;
  spec.interrupt = interrupt_line("stop");
  return spec;
}

runner::Secrets make_secrets(const SessionOptions& options) { return {.relay = options.model_upstream}; }

model::PermissionMode started_mode(const std::string& runner_folder) {
  const auto spec = read_spec(runner_folder);
  // One that an older server started may do everything.
  if (!spec) return model::PermissionMode::kBypass;
  const auto flag = std::ranges::find(spec->argv, kModeFlag);
  if (flag == spec->argv.end() || flag + 1 == spec->argv.end()) return model::PermissionMode::kBypass;
  return parse_mode_word(*(flag + 1)).value_or(model::PermissionMode::kAsk);
}

process::Network started_network(const std::string& runner_folder) {
  const auto spec = read_spec(runner_folder);
  return spec && spec->sandbox ? spec->sandbox->network : process::Network::kOpen;
}

}  // namespace omakase::agents::claude
