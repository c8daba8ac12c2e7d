#include "agents/claude/input.h"

#include <boost/json.hpp>

#include <utility>

namespace omakase::agents::claude {

namespace json = boost::json;

namespace {

using model::PermissionMode;
using model::PermissionStatus;

constexpr std::pair<PermissionMode, std::string_view> kModes[] = {{PermissionMode::kBypass, "bypassPermissions"},
                                                                  {PermissionMode::kAsk, "default"},
                                                                  {PermissionMode::kAcceptEdits, "acceptEdits"},
                                                                  {PermissionMode::kPlan, "plan"}};

std::string control(std::string_view request_id, json::object request) {
  return json::serialize(json::object{{"type", "control_request"}, {"request_id", request_id}, {"request", std::move(request)}});
}

std::string denial(const model::Permission& permission) {
  if (permission.message) return *permission.message;
  if (permission.status == PermissionStatus::kExpired) return "Nobody answered in time, so this was not allowed.";
  return "The person did not allow this.";
}

}  // namespace

std::string user_line(std::string_view uuid, std::string_view text, bool now) {
  std::string literal(text);
  if (literal.starts_with('/')) literal.insert(0, 1, ' ');
  json::object line{{"type", "user"}, {"message", {{"role", "user"}, {"content", literal}}}, {"uuid", uuid}};
  if (now) line["priority"] = "now";
  return json::serialize(line);
}

std::string take_back_line(std::string_view request_id, std::string_view uuid) {
  return control(request_id, {{"subtype", "cancel_async_message"}, {"message_uuid", uuid}});
}

std::string interrupt_line(std::string_view request_id) { return control(request_id, {{"subtype", "interrupt"}}); }

std::string initialize_line(std::string_view request_id) { return control(request_id, {{"subtype", "initialize"}}); }

std::string_view mode_word(PermissionMode mode) {
  for (const auto& [ours, theirs] : kModes) {
    if (ours == mode) return theirs;
  }
  return "default";
}

std::optional<PermissionMode> parse_mode_word(std::string_view word) {
  for (const auto& [ours, theirs] : kModes) {
    if (theirs == word) return ours;
  }
  return std::nullopt;
}

std::string set_mode_line(std::string_view request_id, PermissionMode mode) {
  return control(request_id, {{"subtype", "set_permission_mode"}, {"mode", mode_word(mode)}});
}

std::string set_model_line(std::string_view request_id, std::string_view model) {
  return control(request_id, {{"subtype", "set_model"}, {"model", model}});
}

std::string consent_line(const model::Permission& permission) {
  json::object answer;
  if (permission.status == PermissionStatus::kAllowed) {
    // Without the input, changed or not, the agent takes a consent for malformed.
    json::object input = permission.input;
    if (permission.answers) input["answers"] = *permission.answers;
    answer = {{"behavior", "allow"}, {"updatedInput", std::move(input)}};
  } else {
    answer = {{"behavior", "deny"}, {"message", denial(permission)}, {"interrupt", false}};
  }
  return json::serialize(json::object{
      {"type", "control_response"},
      {"response", {{"subtype", "success"}, {"request_id", permission.agent_request_id}, {"response", std::move(answer)}}}});
}

std::string refusal_line(std::string_view request_id, std::string_view error) {
  return json::serialize(json::object{{"type", "control_response"},
                                      {"response", {{"subtype", "error"}, {"request_id", request_id}, {"error", error}}}});
}

}  // namespace omakase::agents::claude
