#include "feed/live_run.h"

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
    if (!message.delivered_at) undelivered[message.timestamp.micros] = message.id;
    if (undelivered.size() > kMaxUndelivered) undelivered.erase(undelivered.begin());
  } else {
    std::erase_if(writing, [&](const Writing& one) { return one.message_id == message.id; });
  }
}

void LiveRun::updated(const model::Message& message) {
  if (message.delivered_at) undelivered.erase(message.timestamp.micros);
}

std::string LiveRun::state_json() const {
  json::array ids;
  for (const auto& [timestamp, id] : undelivered) ids.emplace_back(id);
  json::object state{{"status", model::word(status)},
                     {"busy", presence.busy},
                     {"attention", presence.attention ? json::value(*presence.attention) : json::value(nullptr)},
                     {"undelivered", std::move(ids)},
                     {"permissions", json::array()}};
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
