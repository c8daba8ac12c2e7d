#include "agents/claude/input.h"

#include <boost/json.hpp>

#include <utility>

#include "base/digest.h"

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

json::object text_block(std::string_view text) { return {{"type", "text"}, {"text", text}}; }

// A line that ends the file and does not occur in it.
std::string end_of_file(const model::AttachedFile& file) {
  std::string end = "--- end of " + file.about.name + " ---";
  while (file.bytes.contains(end)) end += '-';
  return end;
}

// Each file is announced by its name, since an image has none.
void append_file(json::array& blocks, const model::AttachedFile& file) {
  const std::string& name = file.about.name;
  if (file.about.image()) {
    blocks.push_back(text_block("Attached image: " + name));
    const json::object source{{"type", "base64"}, {"media_type", file.about.media_type}, {"data", base::base64(file.bytes)}};
    blocks.push_back(json::object{{"type", "image"}, {"source", source}});
  } else {
    const std::string end = end_of_file(file);
    blocks.push_back(text_block("Attached file: " + name + ", down to the line \"" + end + "\"\n" + file.bytes + "\n" + end));
  }
}

std::string denial(const model::Permission& permission) {
  if (permission.message) return *permission.message;
  if (permission.status == PermissionStatus::kExpired) return "Nobody answered in time, so this was not allowed.";
  return "The person did not allow this.";
}

}  // namespace

std::string user_line(std::string_view uuid, std::string_view text, bool now, const std::vector<model::AttachedFile>& files) {
  std::string literal(text);
  if (literal.starts_with('/')) literal.insert(0, 1, ' ');
  json::value content = json::string(literal);
  if (!files.empty()) {
    json::array blocks;
    for (const model::AttachedFile& file : files) append_file(blocks, file);
    if (!text.empty()) blocks.push_back(text_block(literal));
    content = std::move(blocks);
  }
  json::object line{{"type", "user"}, {"message", {{"role", "user"}, {"content", std::move(content)}}}, {"uuid", uuid}};
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
