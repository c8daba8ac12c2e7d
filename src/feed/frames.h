// The events of the streams, each framed once for every reader. Pure. Source of their shapes: docs/api/openapi.json, "x-events".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/run.h"

namespace omakase::feed {

using base::Timestamp;

struct Event {
  std::string_view name;  // a literal; "message" is a stored one
  std::string data;       // JSON
  Timestamp stored;       // of a stored message: its id in the stream; zero for everything else
  std::string run;        // whose event it is, where the topic does not say so
};

// As the stream of one run has it: a stored message has no name, and alone an id (its timestamp).
std::string frame(const Event& event);
// As a stream of several topics has it: {topic, runId?, event, data} without a name.
std::string frame_in(std::string_view topic, const Event& event);

// What can be read.
inline constexpr std::string_view kRunPrefix = "run:";
inline constexpr std::string_view kThreadPrefix = "thread:";
inline constexpr std::string_view kProjectPrefix = "project:";
inline std::string run_topic(std::string_view run_id) { return std::string(kRunPrefix).append(run_id); }
inline std::string thread_topic(std::string_view thread_id) { return std::string(kThreadPrefix).append(thread_id); }
inline std::string project_topic(std::string_view project_id) { return std::string(kProjectPrefix).append(project_id); }

Event message_event(const model::Message& message);
Event message_updated_event(const model::Message& message);
Event message_start_event(std::string_view message_id, std::string_view role);
// `offset` is where `delta` begins in the message's text, in UTF-16 code units (what a browser's string counts).
Event content_delta_event(std::string_view message_id, std::size_t offset, std::string_view delta);
Event tool_use_event(std::string_view message_id, const model::ToolUse& use);
Event tool_result_event(std::string_view message_id, const model::ToolUse& use);
Event close_event(model::RunStatus status);
Event reset_event();

}  // namespace omakase::feed
