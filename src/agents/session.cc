#include "agents/session.h"

#include "agents/plain_text.h"
#include "base/log.h"
#include "runner/presence.h"
#include "runtime/loop.h"

namespace omakase::agents {

namespace {

using std::chrono_literals::operator""ms;

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
  // Until its process is started: what it would be given.
  network_ = network_for(options_.network, project_.agent_network).value_or(network_);
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
  if (!consents_.granted_tools().empty()) {
    object["allowedTools"] = json::array(consents_.granted_tools().begin(), consents_.granted_tools().end());
  }
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
  if (recovered && !attached && stored && stored->empty()) set_busy(false);  // set up anew, and nobody has said anything since
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
    co_await take_all_back();
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
