// The part of a session that asks a person for consent on the agent's behalf, and what the agent may do without asking.
#include <algorithm>

#include "agents/claude/input.h"
#include "agents/run_log.h"
#include "agents/session.h"
#include "base/ids.h"
#include "base/log.h"

namespace omakase::agents {

namespace {

constexpr auto kTakeUpLimit = std::chrono::seconds(10);

}  // namespace

using model::PermissionMode;
using model::PermissionStatus;

// The agent's program asks us something.
Task<> Session::on_request(const claude::ControlRequest& request, std::uint64_t end_offset, Timestamp at) {
  const auto wanted = claude::parse_permission_request(request);
  if (!wanted) {
    send_line("answer-" + request.request_id,
              claude::refusal_line(request.request_id, "This server does not serve \"" + request.subtype + "\"."));
    co_return;
  }
  model::Permission permission = consents_.make(*wanted, at);
  const bool known = co_await allowed_before(permission);
  std::vector<store::Change> changes;
  changes.emplace_back(store::AskPermission{permission});
  if (known) {
    changes.emplace_back(store::ResolvePermission{.run_id = run_.id,
                                                  .request_id = permission.request_id,
                                                  .status = PermissionStatus::kAllowed,
                                                  .automatic = true,
                                                  .if_pending = true});
    permission.status = PermissionStatus::kAllowed;
  }
  consents_.put(permission);
  if (!co_await commit(std::move(changes), end_offset)) co_return;
  if (known) send_line("consent-" + permission.request_id, claude::consent_line(permission));
  publish();
  changed_.notify();
}

// Whether nobody need be asked: the mode was set to everything while the agent still asks, it was allowed for the session, or
// this very thing always.
Task<bool> Session::allowed_before(const model::Permission& permission) {
  if (permission.kind != model::PermissionKind::kTool) co_return false;
  if (!chat() && run_.permission_mode == PermissionMode::kBypass) co_return true;
  if (consents_.granted(permission)) co_return true;
  const auto rule = co_await services_.catalog.has_permission_rule(run_.project_id, consent_digest(permission));
  co_return rule && *rule;
}

// The agent no longer asks: the turn was stopped.
Task<> Session::on_cancelled(const std::string& agent_request_id, std::uint64_t end_offset) {
  const model::Permission* pending = consents_.find_by_agent(agent_request_id);
  if (!pending) co_return;
  std::vector<store::Change> changes;
  changes.emplace_back(store::ResolvePermission{
      .run_id = run_.id, .request_id = pending->request_id, .status = PermissionStatus::kCancelled, .if_pending = true});
  model::Permission over = *pending;
  over.status = PermissionStatus::kCancelled;
  consents_.put(over);
  co_await commit(std::move(changes), end_offset);
  publish();
}

// The ends of everything that is pending, for when the agent that asked is gone.
std::vector<store::Change> Session::cancel_pending() const {
  std::vector<store::Change> changes;
  for (const model::Permission& one : consents_.pending()) {
    changes.emplace_back(store::ResolvePermission{
        .run_id = run_.id, .request_id = one.request_id, .status = PermissionStatus::kCancelled, .if_pending = true});
  }
  return changes;
}

// Stores the end of a request, and tells the agent. Storing comes first: of two answers the store takes one.
Task<Result<model::Permission>> Session::resolve(store::ResolvePermission resolution) {
  store::Commit wanted;
  wanted.changes.emplace_back(resolution);
  add_log(wanted.changes, run_.id, log_of(wanted.changes, services_.clock.now()));
  auto committed = co_await services_.feed.commit(std::move(wanted));
  if (!committed) co_return std::unexpected(std::move(committed).error());
  if (committed->permissions.empty()) {
    co_return base::not_found("permission_not_found", "The run has no request of this id.");
  }
  const model::Permission resolved = committed->permissions.back();
  consents_.put(resolved);
  consents_.remember(resolved);
  heard();
  send_line("consent-" + resolved.request_id, claude::consent_line(resolved));
  publish();
  changed_.notify();
  co_return resolved;
}

// A server that has just begun knows what the agent asks when it has taken the agent up: until then an answer waits.
Task<Result<model::Permission>> Session::pending(std::string request_id) {
  const auto deadline = std::chrono::steady_clock::now() + kTakeUpLimit;
  for (;;) {
    if (const model::Permission* pending = consents_.find(request_id)) co_return *pending;
    OMAKASE_CO_TRY(const auto stored, co_await services_.log.permission(run_.id, request_id));
    if (!stored) co_return base::not_found("permission_not_found", "The run has no request of this id.");
    if (consents_.find(request_id)) continue;
    const auto left = deadline - std::chrono::steady_clock::now();
    const bool waits = stored->status == PermissionStatus::kPending && !over_ && !detaching_ && left > runtime::Duration::zero();
    if (!waits) co_return base::conflict("already_answered", "This request is no longer pending.");
    co_await changed_.wait_for(left);
  }
}

Task<Result<model::Permission>> Session::answer(std::string request_id, ConsentAnswer answer) {
  OMAKASE_CO_TRY(const model::Permission request, co_await pending(request_id));
  OMAKASE_CO_CHECK(check_answer(request, answer));
  if (answer.allow && answer.scope == model::PermissionScope::kCommand) {
    model::PermissionRule rule;
    rule.id = base::new_ulid(services_.clock.now());
    rule.project_id = run_.project_id;
    rule.tool = request.tool;
    rule.input = request.input;
    rule.created_at = services_.clock.now();
    OMAKASE_CO_CHECK(co_await services_.catalog.add_permission_rule(std::move(rule), consent_digest(request)));
  }
  OMAKASE_CO_TRY(const model::Permission resolved,
                 co_await resolve({.run_id = run_.id,
                                   .request_id = request_id,
                                   .status = answer.allow ? PermissionStatus::kAllowed : PermissionStatus::kDenied,
                                   .scope = answer.allow ? std::optional(answer.scope) : std::nullopt,
                                   .message = answer.message,
                                   .answers = answer.answers}));
  if (answer.allow && answer.scope != model::PermissionScope::kOnce) {
    // What it answers as well, of those that wait beside it.
    const std::vector<model::Permission> others = consents_.pending();
    for (const model::Permission& other : others) {
      if (!co_await allowed_before(other)) continue;
      const auto also = co_await resolve(
          {.run_id = run_.id, .request_id = other.request_id, .status = PermissionStatus::kAllowed, .automatic = true});
      if (!also) base::log_debug("a request was answered meanwhile", {{"run", run_.id}, {"request", other.request_id}});
    }
  }
  co_return resolved;
}

Task<> Session::deny_expired() {
  const std::vector<model::Permission> pending = consents_.pending();
  for (const model::Permission& one : pending) {
    if (one.expires_at > services_.clock.now()) continue;
    const auto denied = co_await resolve({.run_id = run_.id, .request_id = one.request_id, .status = PermissionStatus::kExpired});
    if (!denied) base::log_debug("a request was answered meanwhile", {{"run", run_.id}, {"request", one.request_id}});
  }
}

Task<> Session::watch_consents() {
  while (!over_) {
    co_await deny_expired();
    const auto next = consents_.next_expiry();
    if (!next) {
      co_await changed_.wait();
      continue;
    }
    const auto left = std::chrono::microseconds(next->micros - services_.clock.now().micros);
    co_await changed_.wait_for(std::max<runtime::Duration>(left, std::chrono::milliseconds(1)));
  }
}

// After a restart: what is still asked, what was allowed for the session, and answers that the agent may not have been given.
Task<> Session::load_consents() {
  auto stored = co_await services_.log.permissions(run_.id, false);
  if (!stored) {
    base::log_error("the requests of a run cannot be read", {{"run", run_.id}, {"error", stored.error().detail}});
    co_return;
  }
  for (const model::Permission& one : *stored) {
    consents_.remember(one);
    consents_.put(one);
    const bool answer = one.status == PermissionStatus::kAllowed || one.status == PermissionStatus::kDenied ||
                        one.status == PermissionStatus::kExpired;
    const std::string id = "consent-" + one.request_id;
    // A line that the runner has accepted before changes nothing.
    if (answer && one.requested_at >= process_started_ && !written_.contains(id)) send_line(id, claude::consent_line(one));
  }
  publish();
  changed_.notify();
}

// What the agent's program is told, so that the person's choice holds from now on. A process that was started to do everything
// does not protect anything in plan mode, so it asks instead until it is idle and can be started anew; one that was not cannot be
// told to do everything, so it asks us, and we say yes.
void Session::set_agent_mode(PermissionMode mode) {
  const bool plan_unsafe = mode == PermissionMode::kPlan && free_process();
  const bool free_refused = mode == PermissionMode::kBypass && !free_process();
  const PermissionMode told = plan_unsafe || free_refused ? PermissionMode::kAsk : mode;
  if (told == agent_mode_ || !link_ || !link_->live()) return;
  agent_mode_ = told;
  const std::string id = "mode-" + base::new_ulid(services_.clock.now());
  send_line(id, claude::set_mode_line(id, told));
}

Task<Result<void>> Session::set_permission_mode(PermissionMode mode) {
  if (chat()) co_return base::conflict("chat_mode", "In chat mode the agent only reads; it has no permission mode.");
  if (over_) co_return base::conflict("run_not_active", "This run has ended.");
  store::Commit wanted;
  wanted.changes.emplace_back(store::UpdateRun{.run_id = run_.id, .permission_mode = mode});
  OMAKASE_CO_TRY(const auto committed, co_await services_.feed.commit(std::move(wanted)));
  if (committed.run) run_ = *committed.run;
  consents_.forget_granted();
  set_agent_mode(mode);
  // What waits may be allowed by the new mode.
  const std::vector<model::Permission> pending = consents_.pending();
  for (const model::Permission& one : pending) {
    if (mode != PermissionMode::kBypass || one.kind != model::PermissionKind::kTool) continue;
    const auto also = co_await resolve(
        {.run_id = run_.id, .request_id = one.request_id, .status = PermissionStatus::kAllowed, .automatic = true});
    if (!also) base::log_debug("a request was answered meanwhile", {{"run", run_.id}, {"request", one.request_id}});
  }
  publish();
  changed_.notify();
  co_return Result<void>();
}

Task<Result<void>> Session::set_model(std::optional<std::string> wanted_model) {
  if (over_) co_return base::conflict("run_not_active", "This run has ended.");
  store::Commit wanted;
  wanted.changes.emplace_back(store::UpdateRun{.run_id = run_.id, .model = wanted_model});
  OMAKASE_CO_TRY(const auto committed, co_await services_.feed.commit(std::move(wanted)));
  if (committed.run) run_ = *committed.run;
  OMAKASE_CO_CHECK(co_await services_.catalog.update_thread(thread_.id, {.model = wanted_model}));
  const std::string id = "model-" + base::new_ulid(services_.clock.now());
  send_line(id, claude::set_model_line(id, wanted_model.value_or(options_.model.empty() ? "default" : options_.model)));
  if (wanted_model) model_ = *wanted_model;
  publish();
  co_return Result<void>();
}

}  // namespace omakase::agents
