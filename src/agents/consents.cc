#include "agents/consents.h"

#include <algorithm>
#include <map>

#include "base/digest.h"
#include "base/ids.h"

namespace omakase::agents {

namespace {

namespace json = model::json;
using model::PermissionKind;
using model::PermissionScope;

PermissionKind kind_of(std::string_view tool) {
  if (tool == "AskUserQuestion") return PermissionKind::kQuestion;
  if (tool == "ExitPlanMode") return PermissionKind::kPlan;
  return PermissionKind::kTool;
}

// The members of objects in the order of their names.
json::value sorted(const json::value& value) {
  if (const json::array* array = value.if_array()) {
    json::array items;
    for (const json::value& item : *array) items.push_back(sorted(item));
    return items;
  }
  const json::object* object = value.if_object();
  if (!object) return value;
  std::map<std::string_view, const json::value*> members;
  for (const auto& [name, member] : *object) members[name] = &member;
  json::object result;
  for (const auto& [name, member] : members) result[name] = sorted(*member);
  return result;
}

std::optional<std::string> text_or_nothing(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

}  // namespace

model::Permission Consents::make(const claude::PermissionRequest& request, base::Timestamp at) const {
  model::Permission permission;
  permission.request_id = base::derived_ulid(at, run_id_, request.request_id);
  permission.run_id = run_id_;
  permission.kind = kind_of(request.tool);
  permission.tool = request.tool;
  permission.tool_use_id = request.tool_use_id;
  permission.input = request.input;
  permission.description = text_or_nothing(request.description);
  permission.reason = text_or_nothing(request.reason);
  permission.requested_at = at;
  permission.expires_at = {at.micros + std::chrono::microseconds(timeout_).count()};
  permission.agent_request_id = request.request_id;
  return permission;
}

bool Consents::granted(const model::Permission& permission) const {
  return permission.kind == PermissionKind::kTool && granted_tools_.contains(permission.tool);
}

void Consents::remember(const model::Permission& answered) {
  const bool for_session = answered.status == model::PermissionStatus::kAllowed && answered.scope == PermissionScope::kSession;
  if (for_session && answered.kind == PermissionKind::kTool) granted_tools_.insert(answered.tool);
}

void Consents::put(const model::Permission& permission) {
  std::erase_if(pending_, [&](const model::Permission& one) { return one.request_id == permission.request_id; });
  if (permission.status == model::PermissionStatus::kPending) pending_.push_back(permission);
}

const model::Permission* Consents::find(std::string_view request_id) const {
  const auto at = std::ranges::find(pending_, request_id, [](const auto& one) -> std::string_view { return one.request_id; });
  return at == pending_.end() ? nullptr : &*at;
}

const model::Permission* Consents::find_by_agent(std::string_view agent_request_id) const {
  const auto at =
      std::ranges::find(pending_, agent_request_id, [](const auto& one) -> std::string_view { return one.agent_request_id; });
  return at == pending_.end() ? nullptr : &*at;
}

std::optional<std::string> Consents::attention() const {
  if (pending_.empty()) return std::nullopt;
  const bool tool = std::ranges::any_of(pending_, [](const auto& one) { return one.kind == PermissionKind::kTool; });
  return tool ? "permission" : "question";
}

std::optional<base::Timestamp> Consents::next_expiry() const {
  std::optional<base::Timestamp> next;
  for (const model::Permission& one : pending_) next = next ? std::min(*next, one.expires_at) : one.expires_at;
  return next;
}

std::string consent_digest(const model::Permission& permission) {
  return base::sha256_hex(permission.tool + "\n" + json::serialize(sorted(permission.input)));
}

base::Result<void> check_answer(const model::Permission& permission, const ConsentAnswer& answer) {
  if (answer.scope != PermissionScope::kOnce && (permission.kind != PermissionKind::kTool || !answer.allow)) {
    return base::invalid("invalid_scope", "Only the consent to a tool can go further than once.", "scope");
  }
  if (permission.kind != PermissionKind::kQuestion || !answer.allow) return {};
  const json::array* questions = base::array_or_null(permission.input, "questions");
  if (!questions) return {};
  for (const json::value& item : *questions) {
    const json::object* question = item.if_object();
    const std::string_view text = question ? base::string_or_empty(*question, "question") : std::string_view();
    const json::value* given = answer.answers ? answer.answers->if_contains(text) : nullptr;
    if (!given || !given->is_string() || given->as_string().empty()) {
      return base::invalid("required_answers", "Give an answer to each question; one is missing to: " + std::string(text),
                           "answers");
    }
  }
  return {};
}

}  // namespace omakase::agents
