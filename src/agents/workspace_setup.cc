#include "agents/workspace_setup.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "agents/plain_text.h"
#include "agents/repo_url.h"
#include "base/ids.h"
#include "base/text.h"
#include "process/run.h"
#include "runtime/signal.h"
#include "runtime/task_group.h"

namespace omakase::agents {

namespace {

constexpr std::size_t kTailBytes = 4096;
constexpr std::size_t kMaxStepText = 2000;

// Takes the next word off the front.
std::string_view next_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

// "Receiving objects:  42% (21/50)": one of hundreds, which a terminal would have written over.
bool is_counting(std::string_view line) {
  const std::size_t percent = line.find("% (");
  return percent != std::string_view::npos && line.find("done") == std::string_view::npos;
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
  std::error_code ec;
  std::filesystem::create_directories(path.parent_path(), ec);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return base::fail(base::ErrorKind::kUnavailable, "disk_error", "Cannot write " + path.string() + ".");
  return {};
}

std::string memories_text(const std::vector<model::Memory>& memories) {
  std::string text;
  for (const model::Memory& memory : memories) {
    text += "- ";
    for (char c : memory.content) {
      text.push_back(c);
      if (c == '\n') text += "  ";
    }
    text.push_back('\n');
  }
  return text;
}

// For the script's standard input. A line break in a secret would begin another line: the script refuses control characters,
// and must see them to do so.
std::string secret_lines(const model::Project& project, const SetupSecrets& secrets) {
  std::string lines;
  const auto add = [&](std::string_view name, std::string secret) {
    if (secret.empty()) return;
    std::ranges::replace(secret, '\n', '\r');
    lines.append(name).append(secret).push_back('\n');
  };
  add("login=", without_password(project.repo_url.value_or("")).login);
  add("token=", secrets.git_token);
  return lines;
}

}  // namespace

std::optional<SetupStep> SetupStep::parse(std::string_view line) {
  if (!line.starts_with("@step ")) return std::nullopt;
  line.remove_prefix(6);
  SetupStep step;
  step.step = next_word(line);
  step.state = next_word(line);
  step.text = base::utf8_prefix(base::trim(line), kMaxStepText);
  const bool known = step.state == "running" || step.state == "done" || step.state == "warning" || step.state == "failed";
  if (!known || !base::valid_id(step.step)) return std::nullopt;
  return step;
}

bool WorkspaceInfo::read(std::string_view line) {
  if (!line.starts_with("@info ")) return false;
  line.remove_prefix(6);
  while (!line.empty()) {
    const std::string_view pair = next_word(line);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value = pair.substr(equals + 1);
    if (name == "branch") branch = value;
    if (name == "commit") commit = value;
    if (name == "uncommitted") uncommitted = value;
  }
  return true;
}

Result<process::Command> WorkspaceSetup::command(const model::Project& project, const model::Thread& thread, model::Role role,
                                                 const SetupContext& context, SetupPurpose purpose) const {
  const ProjectFolders folders(options_, project.id, thread.agent_name);
  const auto memories_file = folders.state / ("memories-" + thread.agent_name + ".md");
  // Refused before anything is begun: the agent could not be started in it either.
  OMAKASE_TRY(const process::Network network, network_for(options_.network, project.agent_network));
  OMAKASE_CHECK(write_file(memories_file, memories_text(context.memories)));
  auto personality_file = options_.scripts / "personalities" / (thread.agent_name + ".md");
  if (context.personality) {
    personality_file = folders.state / ("personality-" + thread.agent_name + ".md");
    OMAKASE_CHECK(write_file(personality_file, *context.personality + "\n"));
  }
  process::Command command;
  command.argv = {"/bin/bash", (options_.scripts / "work-setup.sh").string()};
  command.environment = options_.setup_environment;
  const auto set = [&](std::string_view name, const std::string& value) {
    command.environment.push_back(std::string(name) + "=" + value);
  };
  set("OMAKASE_REPO_URL", without_password(project.repo_url.value_or("")).address);
  set("OMAKASE_WORKSPACE", folders.workspace.string());
  set("OMAKASE_STATE_DIR", folders.state.string());
  set("OMAKASE_CONTEXT_DIR", folders.context.string());
  set("OMAKASE_AGENT_HOME", folders.home.string());
  set("OMAKASE_ROLE_FILE", (options_.scripts / "roles" / model::word(role) / "CLAUDE.md").string());
  set("OMAKASE_PERSONALITY_FILE", personality_file.string());
  set("OMAKASE_MEMORIES_FILE", memories_file.string());
  if (project.default_branch) set("OMAKASE_DEFAULT_BRANCH", *project.default_branch);
  if (purpose != SetupPurpose::kWork) set("OMAKASE_INSTALL", "0");
  if (purpose == SetupPurpose::kChatBeside) set("OMAKASE_AS_IT_IS", "1");
  if (options_.allow_local) set("OMAKASE_ALLOW_LOCAL", "1");
  set("OMAKASE_SANDBOX", options_.sandbox ? "on" : "off");
  set("OMAKASE_SECCOMP_FILE", options_.refused_calls.string());
  set("OMAKASE_NETWORK", std::string(process::word(network)));
  // This very program, also when a newer one has taken its place meanwhile.
  set("OMAKASE_PROGRAM", "/proc/" + std::to_string(getpid()) + "/exe");
  set("OMAKASE_CLONE_TIMEOUT", std::to_string(options_.clone_timeout.count()));
  set("OMAKASE_INSTALL_TIMEOUT", std::to_string(options_.install_timeout.count()));
  set("OMAKASE_CLONE_LIMIT_MB", std::to_string(options_.clone_limit_mb));
  set("OMAKASE_INSTALL_LIMIT_MB", std::to_string(options_.install_limit_mb));
  command.die_with_parent = true;
  return command;
}

void WorkspaceSetup::on_line(bool own, std::string_view raw) {
  // Only what the script itself writes on its standard output, as it wrote it, is progress.
  if (own && info_.read(raw)) return;
  const std::string line = plain_text(raw);
  if (auto step = own ? SetupStep::parse(raw) : std::nullopt) {
    step->text = plain_text(step->text);
    const bool trouble = step->state == "failed" || step->state == "warning";
    steps_.emplace_back(*step, trouble ? tail_ : std::string());
    if (step->state == "running") tail_.clear();
    last_ = *std::move(step);
    return;
  }
  if (is_counting(line)) return;
  tail_ += line + "\n";
  if (tail_.size() > kTailBytes) tail_.erase(0, tail_.find('\n', tail_.size() - kTailBytes) + 1);
  listener_.on_output(last_.step.empty() ? "clone" : last_.step, line + "\n");
}

Task<Result<WorkspaceInfo>> WorkspaceSetup::run(const model::Project& project, const model::Thread& thread, model::Role role,
                                                SetupContext context, SetupSecrets secrets, SetupPurpose purpose) {
  OMAKASE_CO_TRY(process::Command setup, command(project, thread, role, context, purpose));
  const auto executor = co_await runtime::asio::this_coro::executor;
  // Lines come from the child in their own time; steps are passed on one after the other, as each is stored.
  runtime::Signal told(executor);
  bool ended = false;
  runtime::TaskGroup passing(executor);
  passing.spawn("set-up progress", [](WorkspaceSetup& self, runtime::Signal& signal, const bool& over) -> Task<> {
    while (!over || !self.steps_.empty()) {
      if (self.steps_.empty()) {
        co_await signal.wait();
        continue;
      }
      const auto [step, output] = self.steps_.front();
      self.steps_.erase(self.steps_.begin());
      co_await self.listener_.on_step(step, output);
    }
  }(*this, told, ended));
  // The scripts bound each of their steps; this bound is for a script that does not.
  const auto limit = options_.clone_timeout + options_.install_timeout + std::chrono::minutes(10);
  Result<process::ExitStatus> status = base::internal("not run");
  std::exception_ptr failure;
  try {
    const auto tell = [&](process::OutputStream stream, std::string_view line) {
      on_line(stream == process::OutputStream::kOut, line);
      told.notify();
    };
    status = co_await process::run_lines(std::move(setup), limit, tell, secret_lines(project, secrets));
  } catch (...) {
    failure = std::current_exception();
  }
  co_await runtime::undisturbed();
  ended = true;
  told.notify();
  if (failure) passing.cancel();
  co_await passing.join();
  if (failure) std::rethrow_exception(failure);
  if (status && status->success()) co_return info_;
  if (status && last_.state == "failed") co_return base::fail(base::ErrorKind::kUnavailable, "setup_failed", last_.text);
  const std::string what = status ? "The set-up " + status->describe() + "." : status.error().detail;
  co_await listener_.on_step({last_.step.empty() ? "clone" : last_.step, "failed", what}, tail_);
  co_return base::fail(base::ErrorKind::kUnavailable, "setup_failed", what);
}

}  // namespace omakase::agents
