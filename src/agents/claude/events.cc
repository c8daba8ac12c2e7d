#include "agents/claude/events.h"

#include "agents/plain_text.h"
#include "base/text.h"

namespace omakase::agents::claude {

namespace {

using base::object_or_null;
using base::string_or_empty;

std::string text_of(const json::object& object, std::string_view name) { return std::string(string_or_empty(object, name)); }

std::optional<std::int64_t> int64_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->as_int64();
}

std::optional<int> int_of(const json::object& object, std::string_view name) {
  const auto value = int64_of(object, name);
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

// No model takes more; what claims to is not believed.
std::optional<std::int64_t> tokens_of(const json::object& object, std::string_view name) {
  constexpr std::int64_t kMaxTokens = 1'000'000'000;
  const auto value = int64_of(object, name);
  return value && *value >= 0 && *value <= kMaxTokens ? value : std::nullopt;
}

double number_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_number()) return 0;
  return value->to_number<double>();
}

bool from_sub_agent(const json::object& line) {
  const json::value* parent = line.if_contains("parent_tool_use_id");
  return parent && parent->is_string();
}

bool has_ended(std::string_view task_status) {
  return task_status == "completed" || task_status == "failed" || task_status == "killed" || task_status == "stopped";
}

// A state of the program: what it is doing, or what it is allowed to do now.
Event status_event(const json::object& line) {
  if (const auto mode = text_of(line, "permissionMode"); !mode.empty()) return PermissionModeChanged{mode};
  if (string_or_empty(line, "status") == "compacting") return Compaction{true};
  if (line.contains("compact_result")) return Compaction{false};
  return Other{"system/status"};
}

Event task_event(const json::object& line, std::string_view subtype) {
  if (subtype == "task_started") return TaskStarted{text_of(line, "task_id"), plain_text(string_or_empty(line, "description"))};
  const json::object* change = subtype == "task_updated" ? object_or_null(line, "patch") : &line;
  if (change && has_ended(string_or_empty(*change, "status"))) return TaskEnded{text_of(line, "task_id")};
  return Other{"system/" + std::string(subtype)};
}

Event system_event(const json::object& line) {
  const std::string_view subtype = string_or_empty(line, "subtype");
  if (subtype == "init") return Init{text_of(line, "session_id"), text_of(line, "model"), text_of(line, "permissionMode")};
  if (subtype == "status") return status_event(line);
  if (subtype.starts_with("task_")) return task_event(line, subtype);
  if (subtype == "session_state_changed") return SessionState{text_of(line, "state")};
  if (subtype == "api_retry") {
    return ApiRetry{int_of(line, "attempt").value_or(0), int_of(line, "max_retries").value_or(0),
                    number_of(line, "retry_delay_ms"), int_of(line, "error_status"), text_of(line, "error")};
  }
  return Other{"system/" + std::string(subtype)};
}

StepUsage usage_of(const json::object& usage) {
  return {tokens_of(usage, "input_tokens"), tokens_of(usage, "cache_read_input_tokens"),
          tokens_of(usage, "cache_creation_input_tokens"), tokens_of(usage, "output_tokens")};
}

std::vector<Event> stream_events(const json::object& line) {
  const json::object* event = object_or_null(line, "event");
  if (!event || from_sub_agent(line)) return {Other{"stream_event"}};
  const std::string_view type = string_or_empty(*event, "type");
  if (type == "message_start") {
    const json::object* message = object_or_null(*event, "message");
    std::vector<Event> events{MessageStart{message ? text_of(*message, "id") : std::string()}};
    if (const json::object* usage = message ? object_or_null(*message, "usage") : nullptr) events.emplace_back(usage_of(*usage));
    return events;
  }
  if (type == "message_delta") {
    if (const json::object* usage = object_or_null(*event, "usage")) return {usage_of(*usage)};
  }
  if (type == "message_stop") return {StepEnd{}};
  if (type == "content_block_delta") {
    const json::object* delta = object_or_null(*event, "delta");
    if (delta && string_or_empty(*delta, "type") == "text_delta") return {TextDelta{text_of(*delta, "text")}};
  }
  return {Other{"stream_event/" + std::string(type)}};
}

std::vector<Event> assistant_events(const json::object& line) {
  const json::object* message = object_or_null(line, "message");
  const json::array* content = message ? base::array_or_null(*message, "content") : nullptr;
  if (!content || from_sub_agent(line)) return {Other{"assistant"}};
  std::vector<Event> events;
  for (const json::value& item : *content) {
    const json::object* object = item.if_object();
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
      if (const json::object* input = object_or_null(*object, "input")) block.input = *input;
    }
    events.emplace_back(std::move(block));
  }
  return events;
}

// A tool's result is a text or a list of blocks.
std::string result_text(const json::object& result) {
  const json::value* content = result.if_contains("content");
  if (!content) return {};
  if (content->is_string()) return std::string(content->as_string());
  std::string text;
  if (const json::array* blocks = content->if_array()) {
    for (const json::value& item : *blocks) {
      const json::object* block = item.if_object();
      if (!block) continue;
      if (!text.empty()) text.push_back('\n');
      const std::string_view type = string_or_empty(*block, "type");
      text += type == "text" ? string_or_empty(*block, "text") : "[" + std::string(type) + "]";
    }
  }
  return text;
}

// Counts the lines of a change that the agent tells of as a patch.
void count_lines(const json::object& line, ToolResult& result) {
  const json::object* detail = object_or_null(line, "tool_use_result");
  const json::array* patch = detail ? base::array_or_null(*detail, "structuredPatch") : nullptr;
  if (!patch) return;
  std::int64_t added = 0;
  std::int64_t removed = 0;
  for (const json::value& hunk : *patch) {
    const json::object* object = hunk.if_object();
    const json::array* lines = object ? base::array_or_null(*object, "lines") : nullptr;
    if (!lines) continue;
    for (const json::value& one : *lines) {
      if (!one.is_string()) continue;
      added += one.as_string().starts_with("+") ? 1 : 0;
      removed += one.as_string().starts_with("-") ? 1 : 0;
    }
  }
  if (patch->empty() && string_or_empty(*detail, "type") == "create") {
    for (char c : string_or_empty(*detail, "content")) added += c == '\n' ? 1 : 0;
  }
  result.lines_added = added;
  result.lines_removed = removed;
}

std::vector<Event> user_events(const json::object& line) {
  if (base::bool_or_false(line, "isReplay")) return {UserEcho{text_of(line, "uuid")}};
  const json::object* message = object_or_null(line, "message");
  const json::array* content = message ? base::array_or_null(*message, "content") : nullptr;
  if (!content || from_sub_agent(line)) return {Other{"user"}};
  std::vector<Event> events;
  for (const json::value& item : *content) {
    const json::object* object = item.if_object();
    if (!object || string_or_empty(*object, "type") != "tool_result") continue;
    ToolResult result;
    result.tool_use_id = text_of(*object, "tool_use_id");
    result.content = plain_text(result_text(*object));
    result.is_error = base::bool_or_false(*object, "is_error");
    count_lines(line, result);
    events.emplace_back(std::move(result));
  }
  if (events.empty()) events.emplace_back(Other{"user"});
  return events;
}

Event result_event(const json::object& line) {
  Result result;
  result.is_error = base::bool_or_false(line, "is_error");
  result.subtype = text_of(line, "subtype");
  result.terminal_reason = text_of(line, "terminal_reason");
  result.text = plain_text(string_or_empty(line, "result"));
  result.api_error_status = int_of(line, "api_error_status");
  result.total_cost_usd = number_of(line, "total_cost_usd");
  if (const json::object* models = object_or_null(line, "modelUsage")) {
    for (const auto& [model, usage] : *models) {
      const json::object* object = usage.if_object();
      const auto window = object ? tokens_of(*object, "contextWindow") : std::nullopt;
      if (window) result.context_windows.emplace(model, *window);
    }
  }
  if (const json::array* errors = base::array_or_null(line, "errors")) {
    for (const json::value& error : *errors) {
      if (!error.is_string()) continue;
      result.no_conversation = result.no_conversation || error.as_string().find("No conversation found") != json::string::npos;
      if (result.text.empty()) result.text = plain_text(error.as_string());
    }
  }
  return result;
}

Event control_response(const json::object& line) {
  const json::object* response = object_or_null(line, "response");
  if (!response) return Other{"control_response"};
  ControlResponse event{text_of(*response, "request_id"), {}, {}};
  if (const json::object* answer = object_or_null(*response, "response")) event.response = *answer;
  if (string_or_empty(*response, "subtype") == "error") {
    event.error = text_of(*response, "error");
    if (event.error.empty()) event.error = "refused";
  }
  return event;
}

Event control_request(const json::object& line) {
  const json::object* request = object_or_null(line, "request");
  if (!request) return Other{"control_request"};
  return ControlRequest{text_of(line, "request_id"), text_of(*request, "subtype"), *request};
}

// Whether the escape at `at` is the first (ud8.. to udb..) or the second (udc.. to udf..) half of a character beyond U+FFFF.
bool half_at(std::string_view line, std::size_t at, bool first) {
  if (at + 6 > line.size() || line[at] != '\\' || line[at + 1] != 'u' || (line[at + 2] | 0x20) != 'd') return false;
  const char digit = static_cast<char>(line[at + 3] | 0x20);
  return first ? (digit == '8' || digit == '9' || digit == 'a' || digit == 'b') : (digit >= 'c' && digit <= 'f');
}

// A program in JavaScript that cuts a text within a character writes half of it as an escape, which is no JSON to anybody else:
// U+FFFD takes its place.
std::string mend_halves(std::string line) {
  for (std::size_t at = line.find('\\'); at != std::string::npos; at = line.find('\\', at)) {
    if (half_at(line, at, true) && half_at(line, at + 6, false)) {
      at += 12;
    } else {
      if (half_at(line, at, true) || half_at(line, at, false)) line.replace(at + 2, 4, "fffd");
      at += 2;
    }
  }
  return line;
}

// As it is, unless it cannot be read as it is.
base::Result<json::object> read_object(std::string_view line) {
  auto parsed = base::parse_json_object(line);
  if (parsed) return parsed;
  return base::parse_json_object(mend_halves(base::scrub_utf8(line)));
}

}  // namespace

std::vector<Event> parse_line(std::string_view line) {
  if (base::trim(line).empty()) return {};
  const auto parsed = read_object(line);
  if (!parsed) return {Malformed{parsed.error().detail}};
  const std::string_view type = string_or_empty(*parsed, "type");
  if (type == "system") return {system_event(*parsed)};
  if (type == "stream_event") return stream_events(*parsed);
  if (type == "assistant") return assistant_events(*parsed);
  if (type == "user") return user_events(*parsed);
  if (type == "result") return {result_event(*parsed)};
  if (type == "control_response") return {control_response(*parsed)};
  if (type == "control_request") return {control_request(*parsed)};
  if (type == "control_cancel_request") return {ControlCancel{text_of(*parsed, "request_id")}};
  return {Other{std::string(type)}};
}

std::optional<PermissionRequest> parse_permission_request(const ControlRequest& asked) {
  if (asked.subtype != "can_use_tool") return std::nullopt;
  PermissionRequest request;
  request.request_id = asked.request_id;
  request.tool = text_of(asked.request, "tool_name");
  request.tool_use_id = text_of(asked.request, "tool_use_id");
  if (const json::object* input = object_or_null(asked.request, "input")) request.input = *input;
  request.description = plain_text(string_or_empty(asked.request, "description"));
  request.reason = plain_text(string_or_empty(asked.request, "decision_reason"));
  request.blocked_path = plain_text(string_or_empty(asked.request, "blocked_path"));
  return request;
}

}  // namespace omakase::agents::claude
