#include "feed/live_run.h"

#include <algorithm>

namespace omakase::feed {

LiveRun::Writing* LiveRun::find_writing(std::string_view message_id) {
  for (Writing& one : writing) {
    if (one.message_id == message_id) return &one;
  }
  return nullptr;
}

void LiveRun::stored(const model::Message& message) {
  if (message.sender == model::Sender::kUser) {
    const bool known = std::ranges::find(undelivered, message.id) != undelivered.end();
    if (!message.delivered_at && !message.withdrawn_at && !known) undelivered.push_back(message.id);
    if (undelivered.size() > kMaxUndelivered) undelivered.erase(undelivered.begin());
  } else {
    std::erase_if(writing, [&](const Writing& one) { return one.message_id == message.id; });
  }
}

void LiveRun::updated(const model::Message& message) {
  if (message.delivered_at || message.withdrawn_at) std::erase(undelivered, message.id);
  if (!message.edited_at && !message.withdrawn_at) return;
  std::erase_if(changed, [&](const model::Message& one) { return one.id == message.id; });
  changed.push_back(message);
  if (changed.size() > kMaxChanged) changed.erase(changed.begin());
}

void LiveRun::order(const std::vector<std::string>& message_ids) {
  std::vector<std::size_t> places;
  std::vector<std::string> moved;
  for (const std::string& id : message_ids) {
    const auto at = std::ranges::find(undelivered, id);
    if (at == undelivered.end()) continue;
    places.push_back(static_cast<std::size_t>(at - undelivered.begin()));
    moved.push_back(id);
  }
  std::ranges::sort(places);
  for (std::size_t i = 0; i < places.size(); ++i) undelivered[places[i]] = std::move(moved[i]);
}

void LiveRun::asked(const model::Permission& permission) {
  std::erase_if(permissions, [&](const model::Permission& one) { return one.request_id == permission.request_id; });
  if (permission.status == model::PermissionStatus::kPending) permissions.push_back(permission);
}

void LiveRun::belongs_to(const model::Run& run) {
  agent_name = run.agent_name;
  project_id = run.project_id;
  thread_id = run.thread_id.value_or("");
  external = run.kind == model::RunKind::kExternal;
}

json::object LiveRun::status_json() const {
  return {{"status", model::word(status)},
          {"busy", presence.busy},
          {"attention", presence.attention ? json::value(*presence.attention) : json::value(nullptr)},
          {"external", external}};
}

json::object LiveRun::summary_json(std::string_view run_id) const {
  json::object summary = status_json();
  summary["runId"] = run_id;
  summary["threadId"] = thread_id.empty() ? json::value(nullptr) : json::value(thread_id);
  summary["agentName"] = agent_name;
  summary["waiting"] = undelivered.size();
  return summary;
}

std::string LiveRun::state_json() const {
  json::array ids;
  for (const std::string& id : undelivered) ids.emplace_back(id);
  json::array messages;
  for (const model::Message& message : changed) messages.push_back(model::to_json(message));
  json::array requests;
  for (const model::Permission& permission : permissions) requests.push_back(model::to_json(permission));
  json::object state = status_json();
  state["undelivered"] = std::move(ids);
  state["changed"] = std::move(messages);
  state["permissions"] = std::move(requests);
  state["session"] = session ? json::value(*session) : json::value(nullptr);
  return json::serialize(state);
}

std::vector<Event> LiveRun::snapshot() const {
  std::vector<Event> events{{"state", state_json(), {}, {}}};
  for (const Writing& one : writing) {
    events.push_back(message_start_event(one.message_id, one.role));
    if (!one.text.empty()) events.push_back(content_delta_event(one.message_id, 0, one.text));
    for (const model::ToolUse& use : one.tool_uses) events.push_back(tool_use_event(one.message_id, use));
  }
  return events;
}

}  // namespace omakase::feed
