#include "feed/frames.h"

#include "net/sse.h"

namespace omakase::feed {

namespace json = boost::json;

namespace {

constexpr std::string_view kStored = "message";

Event named(std::string_view name, const json::object& data) { return {name, json::serialize(data), {}, {}}; }

std::string id_of(const Event& event) { return event.stored.micros == 0 ? std::string() : base::format(event.stored); }

}  // namespace

std::string frame(const Event& event) {
  std::string out;
  out.reserve(event.data.size() + 64);
  net::append_event(out, event.name == kStored ? std::string_view() : event.name, event.data, id_of(event));
  return out;
}

// Topics, names and ids of runs are of letters that JSON takes as they are.
std::string frame_in(std::string_view topic, const Event& event) {
  std::string data;
  data.reserve(event.data.size() + topic.size() + event.run.size() + 64);
  data.append(R"({"topic":")").append(topic);
  if (!event.run.empty()) data.append(R"(","runId":")").append(event.run);
  data.append(R"(","event":")").append(event.name).append(R"(","data":)").append(event.data).append("}");
  std::string out;
  out.reserve(data.size() + 48);
  net::append_event(out, {}, data, id_of(event));
  return out;
}

Event message_event(const model::Message& message) {
  Event event{kStored, {}, message.timestamp, {}};
  model::append_json(event.data, message);
  return event;
}

Event message_updated_event(const model::Message& message) {
  Event event{"message-updated", {}, {}, {}};
  model::append_json(event.data, message);
  return event;
}

Event message_start_event(std::string_view message_id, std::string_view role) {
  return named("message-start", {{"messageId", message_id}, {"role", role}});
}

Event content_delta_event(std::string_view message_id, std::size_t offset, std::string_view delta) {
  return named("content-delta", {{"messageId", message_id}, {"offset", offset}, {"delta", delta}});
}

Event tool_use_event(std::string_view message_id, const model::ToolUse& use) {
  json::object data = model::to_json(use);
  data["messageId"] = message_id;
  return named("tool-use", data);
}

Event tool_result_event(std::string_view message_id, const model::ToolUse& use) {
  json::object data = model::to_json(use);
  data.erase("input");
  data["messageId"] = message_id;
  return named("tool-result", data);
}

Event close_event(model::RunStatus status) { return named("close", {{"status", model::word(status)}}); }

Event reset_event() { return named("reset", {}); }

}  // namespace omakase::feed
