#include "feed/live_run.h"

#include <algorithm>

#include "feed/frames.h"

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

std::string LiveRun::state_json() const {
  json::array ids;
  for (const std::string& id : undelivered) ids.emplace_back(id);
  json::array messages;
  for (const model::Message& message : changed) messages.push_back(model::to_json(message));
  json::array requests;
  for (const model::Permission& permission : permissions) requests.push_back(model::to_json(permission));
  json::object state{{"status", model::word(status)},
                     {"busy", presence.busy},
                     {"attention", presence.attention ? json::value(*presence.attention) : json::value(nullptr)},
                     {"undelivered", std::move(ids)},
                     {"changed", std::move(messages)},
                     {"permissions", std::move(requests)},
                     {"session", session ? json::value(*session) : json::value(nullptr)}};
  return json::serialize(state);
}

std::string LiveRun::snapshot_frames() const {
  std::string frames = event_frame("state", state_json());
  for (const Writing& one : writing) {
    frames += message_start_frame(one.message_id, one.role);
    if (!one.text.empty()) frames += content_delta_frame(one.message_id, 0, one.text);
    for (const model::ToolUse& use : one.tool_uses) frames += tool_use_frame(one.message_id, use);
  }
  return frames;
}

}  // namespace omakase::feed
