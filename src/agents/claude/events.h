// The lines that Claude Code writes on its standard output (stream-json), as values. Pure. The bytes are hostile: whatever is not
// understood is Other or Malformed, never a failure; every text given is valid UTF-8. Lines of sub-agents (a parent_tool_use_id
// that is not null) keep that id, and their steps are not messages of ours. Source: measured with version 2.1.197.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace omakase::agents::claude {

namespace json = boost::json;

struct Init {  // at the start of every turn
  std::string session_id;
  std::string model;
  std::string permission_mode;
};
struct ControlResponse {
  std::string request_id;
  std::string error;      // empty: it succeeded
  json::object response;  // what it says beyond that
};
struct ControlRequest {  // the agent asks us
  std::string request_id;
  std::string subtype;
  json::object request;
};
struct ControlCancel {  // the agent no longer waits for our answer
  std::string request_id;
};
struct PermissionModeChanged {
  std::string mode;
};
struct Compaction {  // the agent shortens what the model is told
  bool running = false;
};
struct MessageStart {  // the model begins a step
  std::string message_id;
};
struct StepUsage {  // tokens of a step so far; a line tells some of them
  std::optional<std::int64_t> input;
  std::optional<std::int64_t> cache_read;
  std::optional<std::int64_t> cache_write;
  std::optional<std::int64_t> output;
};
struct TextDelta {
  std::string text;
};
struct StepEnd {};  // the model's message is complete
struct Block {      // one content block of a step, whole
  enum class Kind { kText, kToolUse, kOther } kind = Kind::kOther;
  std::string message_id;
  std::string text;
  std::string tool_use_id;
  std::string tool;
  json::object input;
  bool synthetic = false;  // written by the agent program itself, not by the model
};
struct ToolResult {
  std::string tool_use_id;
  std::string content;
  bool is_error = false;
  std::optional<std::int64_t> lines_added;  // of a file that it changed
  std::optional<std::int64_t> lines_removed;
};
struct UserEcho {  // one of our messages was received
  std::string uuid;
};
struct Result {  // a turn has ended
  bool is_error = false;
  std::string subtype;
  std::string terminal_reason;
  std::string text;
  std::optional<int> api_error_status;
  double total_cost_usd = 0;                            // of the process so far
  bool no_conversation = false;                         // what it was to resume is not there
  std::map<std::string, std::int64_t> context_windows;  // tokens that fit, by model
};
struct TaskStarted {  // a command or a sub-agent that the agent watches; it may outlive the turn
  std::string task_id;
  std::string description;
};
struct TaskEnded {
  std::string task_id;
};
struct ApiRetry {
  int attempt = 0;
  int max_retries = 0;
  double delay_ms = 0;
  std::optional<int> error_status;
  std::string error;
};
struct SessionState {
  std::string state;  // "running", "idle", "requires_action"
};
struct Other {
  std::string type;
};
struct Malformed {
  std::string reason;
};

using Event = std::variant<Init, ControlResponse, ControlRequest, ControlCancel, PermissionModeChanged, Compaction, MessageStart,
                           StepUsage, TextDelta, StepEnd, Block, ToolResult, UserEcho, Result, TaskStarted, TaskEnded, ApiRetry,
                           SessionState, Other, Malformed>;

// One line gives one event; the start of a step gives its usage too, and a line of blocks or tool results one for each.
std::vector<Event> parse_line(std::string_view line);

// What a person is asked: whether a tool may run, questions with options (the tool AskUserQuestion), a plan (ExitPlanMode).
struct PermissionRequest {
  std::string request_id;
  std::string tool;
  std::string tool_use_id;
  json::object input;
  std::string description;   // one line, as the agent program makes it of the input
  std::string reason;        // why it is asked, or ""
  std::string blocked_path;  // what it would touch outside what is allowed, or ""
};

// Nothing when the agent asks for something else.
std::optional<PermissionRequest> parse_permission_request(const ControlRequest& asked);

}  // namespace omakase::agents::claude
