// The events of a run's stream, framed once for every reader. Pure. Source of their shapes: docs/api/openapi.json, "The stream".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/run.h"

namespace omakase::feed {

// A stored message: unnamed, the only event with an id (its timestamp).
std::string message_frame(const model::Message& message);

std::string message_updated_frame(const model::Message& message);
std::string message_start_frame(std::string_view message_id, std::string_view role);
// `offset` is where `delta` begins in the message's text, in UTF-16 code units (what a browser's string counts).
std::string content_delta_frame(std::string_view message_id, std::size_t offset, std::string_view delta);
std::string tool_use_frame(std::string_view message_id, const model::ToolUse& use);
std::string tool_result_frame(std::string_view message_id, const model::ToolUse& use);

// A named event whose data is already JSON.
std::string event_frame(std::string_view event, std::string_view json);

}  // namespace omakase::feed
