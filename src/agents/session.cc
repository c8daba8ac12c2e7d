#include "agents/session.h"

#include <signal.h>

#include <algorithm>

#include "agents/claude/input.h"
#include "agents/claude/launch.h"
#include "agents/claude/login.h"
#include "agents/plain_text.h"
#include "base/ids.h"
#include "base/log.h"
#include "runner/launcher.h"
#include "runner/presence.h"
#include "runtime/loop.h"

namespace omakase::agents {

namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kReachLimit = 5s;  // for a runner that is there, and may just be starting

// The times of the stop ladder when a person ends the session: they wait for it. The interrupt and the end of input go out
// together; the agent takes both.
constexpr runner::StopTimes kEndTimes{std::chrono::milliseconds(0), std::chrono::milliseconds(1500),
                                      std::chrono::milliseconds(300)};

}  // namespace

Session::Session(SessionServices services, const SessionOptions& options, model::Run run, model::Project project,
                 model::Thread thread)
    : services_(std::move(services)),
      options_(options),
      run_(std::move(run)),
      project_(std::move(project)),
      thread_(std::move(thread)),
      folders_(options_, project_.id, run_.agent_name),
      tasks_(services_.executor),
      setup_(services_.executor),
      changed_(services_.executor),
      inbox_(run_.id),
      consents_(run_.id, options_.permission_timeout),
      generation_(run_.spool_offset >> kGenerationShift),
      active_at_(services_.clock.now()) {
  listener_ = services_.feed.listen(run_.id, [this](const model::Message& message) { on_message(message); });
}

Session::~Session() = default;

void Session::start(bool recovered) {
  tasks_.spawn("work session " + run_.id, work(recovered));
  tasks_.spawn("idle watch " + run_.id, watch_idle());
  tasks_.spawn("silence watch " + run_.id, watch_silence());
  tasks_.spawn("consents' watch " + run_.id, watch_consents());
}

std::string Session::runner_folder() const { return runner_folder(generation_); }

std::string Session::runner_folder(std::int64_t generation) const {
  return (options_.runners / (run_.id + "." + std::to_string(generation))).string();
}

std::string Session::display_name() const { return std::string(model::find_agent(run_.agent_name)->display_name); }

// How far the spool of the process that runs now was read and stored.
std::uint64_t Session::known_offset() const {
  return static_cast<std::uint64_t>(run_.spool_offset) & ((std::uint64_t{1} << kGenerationShift) - 1);
}

json::object Session::describe() const {
  json::object object{{"permissionMode", model::word(run_.permission_mode)},
                      {"silence", silence_ ? json::value(*silence_) : json::value(nullptr)},
                      {"model", model_.empty() ? json::value(nullptr) : json::value(model_)}};
  if (run_.context_tokens > 0) object["contextTokens"] = run_.context_tokens;
  if (run_.context_window > 0) object["contextWindow"] = run_.context_window;
  if (run_.cost_usd) object["costUsd"] = *run_.cost_usd;
  if (run_.usage.requests > 0) object["usage"] = model::to_json(run_.usage);
  if (workspace_) {
    object["branch"] = workspace_->branch;
    object["commit"] = workspace_->commit;
  }
  if (fetched_at_) object["fetchedAt"] = base::format(*fetched_at_);
  object["network"] = process::word(network_);
  return object;
}

json::array Session::models() const {
  json::array offered;
  for (const json::value& item : models_) {
    const json::object* model = item.if_object();
    if (!model || base::string_or_empty(*model, "value").empty()) continue;
    json::object one{{"value", plain_text(base::string_or_empty(*model, "value"))},
                     {"displayName", plain_text(base::string_or_empty(*model, "displayName"))}};
    if (const auto text = base::string_or_empty(*model, "description"); !text.empty()) one["description"] = plain_text(text);
    offered.push_back(std::move(one));
  }
  return offered;
}

Task<> Session::work(bool recovered) {
  // Until an earlier server's session has been looked at, it counts as busy.
  set_busy(true);
  auto stored = co_await services_.log.undelivered(run_.id);
  if (stored) {
    for (const model::Message& message : *stored) on_message(message);
  }
  const bool attached = recovered && co_await attach();
  if (!attached && !co_await set_up()) co_return;
  while (!over_) {
    if (link_) co_await follow();
    if (over_) break;
    if (ending_) {
      co_await finish(model::RunStatus::kCompleted, model::MessageType::kStatus, end_reason_);
      break;
    }
    if (!may_start()) {
      set_busy(false);
      co_await changed_.wait();
      continue;
    }
    if (!co_await launch()) break;
  }
}

// Connects to the runner in this folder, or to what it left. One that lives and does not answer is ended: of two agents in one
// workspace no good comes.
Task<bool> Session::reach(std::string folder) {
  bool ended = false;
  auto deadline = std::chrono::steady_clock::now() + kReachLimit;
  while (std::chrono::steady_clock::now() < deadline) {
    auto connected = co_await runner::RunnerLink::connect(folder, 0);
    if (connected) {
      link_ = *std::move(connected);
      co_return true;
    }
    base::log_warn("cannot reach a runner", {{"folder", folder}, {"error", connected.error().detail}});
    if (runner::find(folder) == runner::Presence::kNone) break;
    const bool starting = connected.error().code == "runner_gone";
    if (!starting && !std::exchange(ended, true)) {
      if (const auto pid = runner::runner_pid(folder)) kill(*pid, SIGKILL);
      deadline = std::chrono::steady_clock::now() + kReachLimit;
    }
    if (!co_await runtime::sleep_for(100ms)) break;
  }
  link_.reset();
  co_return false;
}

// Takes up what an earlier server left: true when the agent has been started before. That server may have started a process and
// died before it could store that it did.
Task<bool> Session::attach() {
  bool found = false;
  const std::int64_t stored = generation_;
  for (const std::int64_t generation : {stored + 1, stored}) {
    if (link_ || runner::find(runner_folder(generation)) == runner::Presence::kNone) continue;
    found = true;
    if (co_await reach(runner_folder(generation))) generation_ = generation;
  }
  if (!link_) co_return found;  // the next message starts the agent again
  if (generation_ != stored) run_.spool_offset = generation_ << kGenerationShift;
  ready_ = link_->live();
  process_mode_ = agent_mode_ = claude::started_mode(runner_folder());
  network_ = claude::started_network(runner_folder());
  transcript_ = std::make_unique<claude::Transcript>(run_.id, run_.role);
  co_await replay_known(known_offset());
  co_await load_consents();
  if (run_.status == model::RunStatus::kStarted) co_await tell_coding();
  // Once for each process: it may not have been told.
  send_line("initialize", claude::initialize_line("initialize"));
  send_waiting();
  co_return true;
}

// Reads again what is stored already, to know where the conversation stands: whether a turn runs, which tools, what is being
// written.
Task<> Session::replay_known(std::uint64_t stored) {
  std::unordered_map<std::string, Timestamp> known;
  const auto messages =
      co_await services_.log.list({.id = run_.id, .last = true, .sender = model::Sender::kAgent, .limit = 1000});
  if (messages) {
    for (const model::Message& message : *messages) known[message.id] = message.timestamp;
  }
  busy_ = false;
  std::vector<claude::Live> writing;
  double cost = 0;
  for (std::uint64_t at = 0; at < stored;) {
    const auto record = co_await link_->next();
    if (!record || !*record) break;
    if (at == 0) process_started_ = {(*record)->micros};
    at = (*record)->end_offset;
    if ((*record)->kind == runner::RecordKind::kNote) {
      const auto note = runner::decode_note((*record)->payload);
      if (const auto* written = note ? std::get_if<runner::note::InputWritten>(&*note) : nullptr) written_.insert(written->id);
    }
    if ((*record)->kind != runner::RecordKind::kOut) continue;
    for (const claude::Event& event : claude::parse_line((*record)->payload)) {
      claude::Outcome outcome = transcript_->on(event, {(*record)->micros});
      for (claude::Live& live : outcome.live) {
        const bool closes =
            std::holds_alternative<claude::live::Complete>(live) || std::holds_alternative<claude::live::Dropped>(live);
        if (closes) writing.clear();
        if (!closes) writing.push_back(std::move(live));
      }
      for (const store::Change& change : outcome.changes) {
        const auto* append = std::get_if<store::AppendMessage>(&change);
        const auto timestamp = append ? known.find(append->message.id) : known.end();
        if (timestamp == known.end()) continue;
        model::Message message = append->message;
        message.timestamp = timestamp->second;
        transcript_->stored(message);
      }
      answered_ = answered_ || outcome.answer || outcome.session;
      if (const json::array* models = outcome.answer ? base::array_or_null(outcome.answer->response, "models") : nullptr) {
        models_ = *models;
      }
      if (Inbox::Entry* entry = outcome.answer ? given_back(*outcome.answer) : nullptr) inbox_.take_back(*entry);
      if (outcome.busy) busy_ = *outcome.busy;
      if (outcome.session || outcome.turn_end) in_turn_ = !outcome.turn_end;
      if (outcome.cost_usd) cost = *outcome.cost_usd;
      if (outcome.model) model_ = *outcome.model;
      if (outcome.permission_mode) agent_mode_ = claude::parse_mode_word(*outcome.permission_mode).value_or(agent_mode_);
    }
  }
  cost_before_ = std::max(0.0, run_.cost_usd.value_or(0) - cost);
  for (const claude::Live& live : writing) show(live);
  set_busy(busy_);
}

Task<bool> Session::set_up() {
  setup_started_ = services_.clock.now();
  auto memories = co_await services_.catalog.memories(run_.agent_name, project_.id);
  if (!memories) memories = std::vector<model::Memory>();
  const std::size_t memory_count = memories->size();
  SetupSecrets secrets = co_await secrets_for_setup();
  WorkspaceSetup setup(
      options_,
      {.on_step = [this](const SetupStep& step, std::string output) { return tell_step(step, std::move(output)); },
       .on_output = [this](std::string_view step, std::string_view text) { services_.feed.setup_output(run_.id, step, text); }});
  std::optional<Result<WorkspaceInfo>> result;
  const SetupPurpose purpose = co_await setup_purpose();
  setup_.spawn(
      "set-up " + run_.id,
      [](Session& self, WorkspaceSetup& work, auto remembered, auto opened, SetupPurpose what_for, auto& into) -> Task<> {
        into = co_await work.run(self.project_, self.thread_, self.run_.role, std::move(remembered), std::move(opened), what_for);
      }(*this, setup, *std::move(memories), std::move(secrets), purpose, result));
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

Task<> Session::tell_coding() {
  std::vector<store::Change> changes;
  changes.push_back(status_message(std::string(model::status_sentence(model::RunStatus::kCoding))));
  changes.emplace_back(store::UpdateRun{.run_id = run_.id, .status = model::RunStatus::kCoding});
  co_await commit(std::move(changes), std::nullopt);
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

// A chat needs nothing installed, and nothing may move in a workspace in which another agent is at work.
Task<SetupPurpose> Session::setup_purpose() {
  if (!chat()) co_return SetupPurpose::kWork;
  const auto working = co_await services_.log.active_session(project_.id);
  co_return working && !*working ? SetupPurpose::kChat : SetupPurpose::kChatBeside;
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

// Reads the agent until its process is gone.
Task<> Session::follow() {
  while (link_ && !over_) {
    auto record = co_await link_->next();
    if (record && *record) {
      co_await on_record(**record);
      continue;
    }
    if (!record) base::log_warn("a runner's spool is damaged", {{"run", run_.id}, {"error", record.error().detail}});
    // The connection ended without the agent's exit: the runner was killed, with everything under it.
    const bool alive = record && runner::find(runner_folder()) == runner::Presence::kAlive;
    if (alive && co_await runtime::sleep_for(200ms)) {
      const std::uint64_t from = known_offset();
      transcript_ = std::make_unique<claude::Transcript>(run_.id, run_.role);
      if (co_await reach(runner_folder())) {
        co_await replay_known(from);
        continue;
      }
    }
    process::ExitStatus killed;
    killed.signal = 9;
    co_await on_exit({killed, ""}, known_offset() + 1, services_.clock.now());
  }
}

Task<> Session::end(std::string why) {
  if (!ending_) {
    ending_ = true;
    end_reason_ = std::move(why);
    setup_.cancel();
    tell(runner::message::Stop{kEndTimes});
    changed_.notify();
  }
  while (!over_) co_await changed_.wait();
}

Task<> Session::detach() {
  detaching_ = true;
  changed_.notify();
  listener_.reset();
  setup_.cancel();
  co_await setup_.join();
  tasks_.cancel();
  co_await tasks_.join();
  link_.reset();
}

Task<> Session::finish(model::RunStatus status, model::MessageType type, std::string text, std::optional<json::object> setup) {
  if (over_) co_return;
  std::vector<store::Change> changes = cancel_pending();
  changes.push_back(status_message(text, type));
  std::get<store::AppendMessage>(changes.back()).message.setup = std::move(setup);
  store::UpdateRun update{.run_id = run_.id, .status = status};
  if (status == model::RunStatus::kFailed) update.error_message = text;
  changes.emplace_back(std::move(update));
  co_await commit(std::move(changes), std::nullopt);
  over_ = true;
  busy_ = false;
  changed_.notify();
}

}  // namespace omakase::agents
