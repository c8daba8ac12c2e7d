// The part of a session that makes the agent ready: its workspace, its secrets, and its process in a runner.
#include <utility>

#include "agents/claude/input.h"
#include "agents/claude/launch.h"
#include "agents/claude/login.h"
#include "agents/session.h"
#include "base/ids.h"
#include "base/log.h"
#include "runner/launcher.h"
#include "runner/presence.h"

namespace omakase::agents {

Task<bool> Session::set_up() {
  setup_started_ = services_.clock.now();
  SetupContext context = co_await context_for_setup();
  const std::size_t memory_count = context.memories.size();
  SetupSecrets secrets = co_await secrets_for_setup();
  WorkspaceSetup setup(
      options_,
      {.on_step = [this](const SetupStep& step, std::string output) { return tell_step(step, std::move(output)); },
       .on_output = [this](std::string_view step, std::string_view text) { services_.feed.setup_output(run_.id, step, text); }});
  std::optional<Result<WorkspaceInfo>> result;
  const SetupPurpose purpose = co_await setup_purpose();
  setup_.spawn("set-up " + run_.id,
               [](Session& self, WorkspaceSetup& work, auto told, auto opened, SetupPurpose what_for, auto& into) -> Task<> {
                 into =
                     co_await work.run(self.project_, self.thread_, self.run_.role, std::move(told), std::move(opened), what_for);
               }(*this, setup, std::move(context), std::move(secrets), purpose, result));
  co_await setup_.join();
  if (detaching_) co_return false;
  if (ending_ || !result) {
    co_await finish(model::RunStatus::kCompleted, model::MessageType::kStatus,
                    end_reason_.empty() ? "Stopped during set-up" : end_reason_);
    co_return false;
  }
  if (!*result) {
    co_await finish(model::RunStatus::kFailed, model::MessageType::kError, result->error().detail, failed_step_);
    co_return false;
  }
  workspace_ = **std::move(result);
  fetched_at_ = services_.clock.now();
  co_await tell_step({"agent", "running", "Starting " + display_name()}, {});
  if (!co_await launch()) co_return false;
  const std::string with = memory_count == 0 ? ""
                                             : ", with " + std::to_string(memory_count) +
                                                   (memory_count == 1 ? " memory" : " memories") + " of this project";
  co_await tell_step({"agent", "done", display_name() + " is here" + with}, {});
  step_started_["ready"] = setup_started_;
  const bool known = !workspace_->branch.empty() && !workspace_->commit.empty();
  co_await tell_step({"ready", "done", known ? workspace_->branch + " at " + workspace_->commit : "Workspace ready"}, {});
  co_await tell_coding();
  co_return !over_;
}

// A chat needs nothing installed, and nothing may move in a workspace in which another agent is at work.
Task<SetupPurpose> Session::setup_purpose() {
  if (!chat()) co_return SetupPurpose::kWork;
  const auto working = co_await services_.log.active_session(project_.id);
  co_return working && !*working ? SetupPurpose::kChat : SetupPurpose::kChatBeside;
}

// A session begins without what cannot be read.
Task<SetupContext> Session::context_for_setup() {
  SetupContext context;
  if (auto memories = co_await services_.catalog.memories(run_.agent_name, project_.id)) context.memories = *std::move(memories);
  if (auto written = co_await services_.catalog.personality(run_.agent_name)) context.personality = *std::move(written);
  co_return context;
}

Task<SetupSecrets> Session::secrets_for_setup() {
  const auto sealed = co_await services_.catalog.sealed_git_token(project_.id);
  if (!sealed || !*sealed) co_return SetupSecrets{};
  auto token = services_.secrets.open(**sealed, {project_.id, store::kGitTokenName});
  if (!token) {
    base::log_warn("a project's git token cannot be read", {{"project", project_.id}, {"error", token.error().detail}});
    co_return SetupSecrets{};
  }
  co_return SetupSecrets{*std::move(token)};
}

Task<> Session::tell_step(SetupStep step, std::string output) {
  const Timestamp now = services_.clock.now();
  json::object setup{{"step", step.step}, {"state", step.state}, {"detail", step.text}};
  if (step.state == "running") {
    step_started_[step.step] = now;
  } else if (const auto started = step_started_.find(step.step); started != step_started_.end()) {
    setup["elapsedMs"] = (now.micros - started->second.micros) / 1000;
  }
  if (!output.empty()) setup["output"] = output;
  if (step.state == "failed") {
    // Told with the run's end, as one error that says what to do.
    failed_step_ = std::move(setup);
    co_return;
  }
  store::Change change = status_message(step.text);
  std::get<store::AppendMessage>(change).message.setup = std::move(setup);
  std::vector<store::Change> changes;
  changes.push_back(std::move(change));
  co_await commit(std::move(changes), std::nullopt);
}

Task<> Session::tell_coding() {
  std::vector<store::Change> changes;
  if (!chat()) changes.push_back(status_message(std::string(model::status_sentence(model::RunStatus::kCoding))));
  changes.emplace_back(store::UpdateRun{.run_id = run_.id, .status = model::RunStatus::kCoding});
  co_await commit(std::move(changes), std::nullopt);
}

// Starts the agent's process in a new runner. When that cannot be, the run fails and says why.
Task<bool> Session::launch() {
  if (options_.claude_bin.empty()) {
    co_await finish(
        model::RunStatus::kFailed, model::MessageType::kError,
        "Claude Code was not found. Install it with `npm install -g @anthropic-ai/claude-code`, or set OMAKASE_CLAUDE_BIN.");
    co_return false;
  }
  const auto network = network_for(options_.network, project_.agent_network);
  if (!network) {
    co_await finish(model::RunStatus::kFailed, model::MessageType::kError,
                    display_name() + " was not started. " + network.error().detail);
    co_return false;
  }
  do {
    ++generation_;
  } while (runner::find(runner_folder()) != runner::Presence::kNone);
  ++services_.counts->agent_starts;
  if (generation_ > 1) ++services_.counts->agent_restarts;
  std::error_code ec;
  std::filesystem::create_directories(folders_.home, ec);
  if (const auto linked = claude::link_login(folders_.home, options_.login_file); !linked) {
    base::log_warn("an agent has no login", {{"run", run_.id}, {"error", linked.error().detail}});
  }
  const bool resume = !thread_.agent_session.empty();
  if (!resume) thread_.agent_session = base::derived_uuid(run_.id, std::to_string(generation_));
  claude::Launch wanted{.run_id = run_.id,
                        .session = thread_.agent_session,
                        .resume = resume,
                        .folders = folders_,
                        .chat = chat(),
                        .permission_mode = run_.permission_mode,
                        .model = run_.model.value_or(options_.model),
                        .trust_repository = project_.trust_repository,
                        .network = *network};
  network_ = *network;
  process_mode_ = agent_mode_ = run_.permission_mode;
  written_.clear();
  model_calls_.clear();
  half_line_.clear();
  auto written = runner::write_spec(runner_folder(), claude::make_spec(options_, wanted));
  Result<pid_t> started = base::internal("not started");
  if (written) {
    const runner::Secrets secrets = co_await secrets_for_agent();
    started = co_await runner::Launcher().start(runner_folder(), secrets);
  }
  if (!written || !started) {
    const base::Error& error = written ? started.error() : written.error();
    co_await finish(model::RunStatus::kFailed, model::MessageType::kError,
                    display_name() + " could not be started: " + error.detail);
    co_return false;
  }
  transcript_ = std::make_unique<claude::Transcript>(run_.id, run_.role);
  cost_before_ = run_.cost_usd.value_or(0);
  ready_ = false;
  answered_ = false;
  inbox_.unsend();
  heard();
  std::vector<store::Change> changes;
  changes.emplace_back(store::UpdateRun{.run_id = run_.id, .agent_session = thread_.agent_session});
  // From here on the run's place is the beginning of this process's spool.
  if (!co_await commit(std::move(changes), 0)) co_return false;
  if (!co_await reach(runner_folder())) {
    co_await finish(model::RunStatus::kFailed, model::MessageType::kError, display_name() + " was started but does not answer.");
    co_return false;
  }
  base::log_info("agent started", {{"run", run_.id}, {"pid", *started}, {"resumed", resume ? "yes" : "no"}});
  send_line("initialize", claude::initialize_line("initialize"));
  co_return true;
}

// The way to the model and the project's variables. The values go to the agent's shell, and out of all that it says.
Task<runner::Secrets> Session::secrets_for_agent() {
  constexpr std::size_t kShortestHidden = 8;  // a shorter value would take innocent words away
  runner::Secrets secrets = claude::make_secrets(options_);
  const auto variables = co_await services_.catalog.variables(project_.id);
  if (chat() || !variables) co_return secrets;
  for (const model::Variable& variable : *variables) {
    const auto value = services_.secrets.open(variable.sealed_value, {project_.id, variable.name});
    if (!value) {
      base::log_warn("a variable cannot be read", {{"project", project_.id}, {"name", variable.name}});
      continue;
    }
    secrets.environment.push_back(variable.name + "=" + *value);
    if (value->size() >= kShortestHidden) secrets.scrub.emplace_back(variable.name, *value);
  }
  co_return secrets;
}

}  // namespace omakase::agents
