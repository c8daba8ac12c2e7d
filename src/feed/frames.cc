#include "feed/frames.h"

#include "net/sse.h"

namespace omakase::feed {

namespace json = boost::json;

namespace {

std::string named(std::string_view event, const json::object& data) { return event_frame(event, json::serialize(data)); }

}  // namespace

std::string event_frame(std::string_view event, std::string_view data) {
  std::string frame;
  net::append_event(frame, event, data);
  return frame;
}

std::string message_frame(const model::Message& message) {
  std::string data;
  model::append_json(data, message);
  std::string frame;
  frame.reserve(data.size() + 48);
  net::append_event(frame, "", data, base::format(message.timestamp));
  return frame;
}

std::string message_updated_frame(const model::Message& message) {
  std::string data;
  model::append_json(data, message);
  return event_frame("message-updated", data);
}

std::string message_start_frame(std::string_view message_id, std::string_view role) {
  return named("message-start", {{"messageId", message_id}, {"role", role}});
}

std::string content_delta_frame(std::string_view message_id, std::size_t offset, std::string_view delta) {
  return named("content-delta", {{"messageId", message_id}, {"offset", offset}, {"delta", delta}});
}

std::string tool_use_frame(std::string_view message_id, const model::ToolUse& use) {
  json::object data = model::to_json(use);
  data["messageId"] = message_id;
  return named("tool-use", data);
}

std::string tool_result_frame(std::string_view message_id, const model::ToolUse& use) {
  json::object data = model::to_json(use);
  data.erase("input");
  data["messageId"] = message_id;
  return named("tool-result", data);
}

}  // namespace omakase::feed
