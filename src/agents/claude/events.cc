#include "agents/claude/events.h"

#include "agents/json_line.h"
#include "agents/plain_text.h"
#include "base/text.h"

namespace omakase::agents::claude {

namespace {

std::string text_of(JsonObject object, std::string_view name) { return std::string(string_or_empty(object, name)); }

std::optional<int> int_of(JsonObject object, std::string_view name) {
  const auto value = integer_or_none(object, name);
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

// No model takes more; what claims to is not believed.
std::optional<std::int64_t> tokens_of(JsonObject object, std::string_view name) {
  constexpr std::int64_t kMaxTokens = 1'000'000'000;
  const auto value = integer_or_none(object, name);
  return value && *value >= 0 && *value <= kMaxTokens ? value : std::nullopt;
}

bool from_sub_agent(JsonObject line) { return line.at_key("parent_tool_use_id").is_string(); }

bool has_ended(std::string_view task_status) {
  return task_status == "completed" || task_status == "failed" || task_status == "killed" || task_status == "stopped";
}

// A state of the program: what it is doing, or what it is allowed to do now.
Event status_event(JsonObject line) {
  if (const auto mode = text_of(line, "permissionMode"); !mode.empty()) return PermissionModeChanged{mode};
  if (string_or_empty(line, "status") == "compacting") return Compaction{true};
  if (!string_or_empty(line, "compact_result").empty()) return Compaction{false};
  return Other{"system/status"};
}

Event task_event(JsonObject line, std::string_view subtype) {
  if (subtype == "task_started") return TaskStarted{text_of(line, "task_id"), plain_text(string_or_empty(line, "description"))};
  const auto change = subtype == "task_updated" ? object_or_none(line, "patch") : line;
  if (change && has_ended(string_or_empty(*change, "status"))) return TaskEnded{text_of(line, "task_id")};
  return Other{"system/" + std::string(subtype)};
}

Event system_event(JsonObject line) {
  const std::string_view subtype = string_or_empty(line, "subtype");
  if (subtype == "init") return Init{text_of(line, "session_id"), text_of(line, "model"), text_of(line, "permissionMode")};
  if (subtype == "status") return status_event(line);
  if (subtype.starts_with("task_")) return task_event(line, subtype);
  if (subtype == "session_state_changed") return SessionState{text_of(line, "state")};
  if (subtype == "api_retry") {
    return ApiRetry{int_of(line, "attempt").value_or(0), int_of(line, "max_retries").value_or(0),
                    number_or_zero(line, "retry_delay_ms"), int_of(line, "error_status"), text_of(line, "error")};
  }
  return Other{"system/" + std::string(subtype)};
}

StepUsage usage_of(JsonObject usage) {
  return {tokens_of(usage, "input_tokens"), tokens_of(usage, "cache_read_input_tokens"),
          tokens_of(usage, "cache_creation_input_tokens"), tokens_of(usage, "output_tokens")};
}

std::vector<Event> stream_events(JsonObject line) {
  const auto event = object_or_none(line, "event");
  if (!event || from_sub_agent(line)) return {Other{"stream_event"}};
  const std::string_view type = string_or_empty(*event, "type");
  if (type == "message_start") {
    const auto message = object_or_none(*event, "message");
    std::vector<Event> events{MessageStart{message ? text_of(*message, "id") : std::string()}};
    if (const auto usage = message ? object_or_none(*message, "usage") : std::nullopt) events.emplace_back(usage_of(*usage));
    return events;
  }
  if (type == "message_delta") {
    if (const auto usage = object_or_none(*event, "usage")) return {usage_of(*usage)};
  }
  if (type == "message_stop") return {StepEnd{}};
  if (type == "content_block_delta") {
    const auto delta = object_or_none(*event, "delta");
    if (delta && string_or_empty(*delta, "type") == "text_delta") return {TextDelta{text_of(*delta, "text")}};
  }
  return {Other{"stream_event/" + std::string(type)}};
}

std::vector<Event> assistant_events(JsonObject line) {
  const auto message = object_or_none(line, "message");
  const auto content = message ? array_or_none(*message, "content") : std::nullopt;
  if (!content || from_sub_agent(line)) return {Other{"assistant"}};
  std::vector<Event> events;
  for (const JsonValue item : *content) {
    const auto object = as_object(item);
    if (!object) continue;
    Block block;
    block.message_id = text_of(*message, "id");
    block.synthetic = string_or_empty(*message, "model") == "<synthetic>";
    const std::string_view type = string_or_empty(*object, "type");
    if (type == "text") {
      block.kind = Block::Kind::kText;
      block.text = text_of(*object, "text");
    } else if (type == "tool_use") {
      block.kind = Block::Kind::kToolUse;
      block.tool_use_id = text_of(*object, "id");
      block.tool = text_of(*object, "name");
      block.input = copy_of(object_or_none(*object, "input"));
    }
    events.emplace_back(std::move(block));
  }
  return events;
}

// A tool's result is a text or a list of blocks.
std::string result_text(JsonObject result) {
  if (const auto text = string_or_empty(result, "content"); !text.empty()) return std::string(text);
  const auto blocks = array_or_none(result, "content");
  if (!blocks) return {};
  std::string text;
  for (const JsonValue item : *blocks) {
    const auto block = as_object(item);
    if (!block) continue;
    if (!text.empty()) text.push_back('\n');
    const std::string_view type = string_or_empty(*block, "type");
    text += type == "text" ? string_or_empty(*block, "text") : "[" + std::string(type) + "]";
  }
  return text;
}

// Counts the lines of a change that the agent tells of as a patch.
void count_lines(JsonObject line, ToolResult& result) {
  const auto detail = object_or_none(line, "tool_use_result");
  const auto patch = detail ? array_or_none(*detail, "structuredPatch") : std::nullopt;
  if (!patch) return;
  std::int64_t added = 0;
  std::int64_t removed = 0;
  for (const JsonValue hunk : *patch) {
    const auto object = as_object(hunk);
    const auto lines = object ? array_or_none(*object, "lines") : std::nullopt;
    if (!lines) continue;
    for (const JsonValue one : *lines) {
      const auto text = as_string(one).value_or("");
      added += text.starts_with("+") ? 1 : 0;
      removed += text.starts_with("-") ? 1 : 0;
    }
  }
  if (patch->size() == 0 && string_or_empty(*detail, "type") == "create") {
    for (char c : string_or_empty(*detail, "content")) added += c == '\n' ? 1 : 0;
  }
  result.lines_added = added;
  result.lines_removed = removed;
}

std::vector<Event> user_events(JsonObject line) {
  if (bool_or_false(line, "isReplay")) return {UserEcho{text_of(line, "uuid")}};
  const auto message = object_or_none(line, "message");
  const auto content = message ? array_or_none(*message, "content") : std::nullopt;
  if (!content || from_sub_agent(line)) return {Other{"user"}};
  std::vector<Event> events;
  for (const JsonValue item : *content) {
    const auto object = as_object(item);
    if (!object || string_or_empty(*object, "type") != "tool_result") continue;
    ToolResult result;
    result.tool_use_id = text_of(*object, "tool_use_id");
    result.content = plain_text(result_text(*object));
    result.is_error = bool_or_false(*object, "is_error");
    count_lines(line, result);
    events.emplace_back(std::move(result));
  }
  if (events.empty()) events.emplace_back(Other{"user"});
  return events;
}

Event result_event(JsonObject line) {
  Result result;
  result.is_error = bool_or_false(line, "is_error");
  result.subtype = text_of(line, "subtype");
  result.terminal_reason = text_of(line, "terminal_reason");
  result.text = plain_text(string_or_empty(line, "result"));
  result.api_error_status = int_of(line, "api_error_status");
  result.total_cost_usd = number_or_zero(line, "total_cost_usd");
  if (const auto models = object_or_none(line, "modelUsage")) {
    for (const auto& [model, usage] : *models) {
      const auto object = as_object(usage);
      const auto window = object ? tokens_of(*object, "contextWindow") : std::nullopt;
      if (window) result.context_windows.emplace(model, *window);
    }
  }
  if (const auto errors = array_or_none(line, "errors")) {
    for (const JsonValue error : *errors) {
      const auto text = as_string(error).value_or("");
      result.no_conversation = result.no_conversation || text.find("No conversation found") != std::string_view::npos;
      if (result.text.empty()) result.text = plain_text(text);
    }
  }
  return result;
}

Event control_response(JsonObject line) {
  const auto response = object_or_none(line, "response");
  if (!response) return Other{"control_response"};
  ControlResponse event{text_of(*response, "request_id"), {}, {}};
  event.response = copy_of(object_or_none(*response, "response"));
  if (string_or_empty(*response, "subtype") == "error") {
    event.error = text_of(*response, "error");
    if (event.error.empty()) event.error = "refused";
  }
  return event;
}

Event control_request(JsonObject line) {
  const auto request = object_or_none(line, "request");
  if (!request) return Other{"control_request"};
  return ControlRequest{text_of(line, "request_id"), text_of(*request, "subtype"), copy_of(request)};
}

}  // namespace

std::vector<Event> parse_line(std::string_view line) {
  if (base::trim(line).empty()) return {};
  const JsonLine json_line(line);
  const auto& object = json_line.object();
  if (!object) return {Malformed{json_line.error()}};
  const std::string_view type = string_or_empty(*object, "type");
  if (type == "system") return {system_event(*object)};
  if (type == "stream_event") return stream_events(*object);
  if (type == "assistant") return assistant_events(*object);
  if (type == "user") return user_events(*object);
  if (type == "result") return {result_event(*object)};
  if (type == "control_response") return {control_response(*object)};
  if (type == "control_request") return {control_request(*object)};
  if (type == "control_cancel_request") return {ControlCancel{text_of(*object, "request_id")}};
  return {Other{std::string(type)}};
}

std::optional<PermissionRequest> parse_permission_request(const ControlRequest& asked) {
  if (asked.subtype != "can_use_tool") return std::nullopt;
  PermissionRequest request;
  request.request_id = asked.request_id;
  request.tool = base::string_or_empty(asked.request, "tool_name");
  request.tool_use_id = base::string_or_empty(asked.request, "tool_use_id");
  if (const json::object* input = base::object_or_null(asked.request, "input")) request.input = *input;
  request.description = plain_text(base::string_or_empty(asked.request, "description"));
  request.reason = plain_text(base::string_or_empty(asked.request, "decision_reason"));
  request.blocked_path = plain_text(base::string_or_empty(asked.request, "blocked_path"));
  return request;
}

}  // namespace omakase::agents::claude
