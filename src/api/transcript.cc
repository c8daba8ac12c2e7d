#include "api/transcript.h"

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"

namespace omakase::api {

namespace {

namespace json = boost::json;

constexpr std::size_t kMaxArgument = 200;
constexpr std::size_t kMaxFileName = 60;

// "2026-11-26 09:05:07 UTC"
std::string moment(base::Timestamp time) {
  const std::string text = base::format(time);
  return text.substr(0, 10) + " " + text.substr(11, 8) + " UTC";
}

// On one line, between as many backticks as it takes.
std::string code_span(std::string_view text) {
  std::string line(base::utf8_prefix(text.substr(0, text.find('\n')), kMaxArgument));
  if (line.size() < text.size()) line += " …";
  std::size_t longest = 0;
  for (std::size_t at = 0, run = 0; at < line.size(); ++at) longest = std::max(longest, run = line[at] == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  const std::string_view space = longest > 0 ? " " : "";
  return fence + std::string(space) + line + std::string(space) + fence;
}

// What a tool was used on.
std::string_view argument(const json::object& input) {
  for (const char* name : {"command", "file_path", "notebook_path", "pattern", "path", "url", "query", "description"}) {
    const json::value* value = input.if_contains(name);
    if (value && value->is_string()) return value->get_string();
  }
  return {};
}

std::string tool_line(const model::ToolUse& use) {
  std::string line = "- " + use.tool;
  if (const std::string_view what = argument(use.input); !what.empty()) line += " " + code_span(what);
  if (use.summary && !use.summary->empty()) line += ": " + std::string(base::utf8_prefix(*use.summary, kMaxArgument));
  if (use.status == model::ToolStatus::kError) line += " (failed)";
  return line + "\n";
}

}  // namespace

std::string transcript_head(const model::Thread& thread, std::string_view project_name) {
  const model::Agent* agent = model::find_agent(thread.agent_name);
  const std::string name(agent ? agent->display_name : std::string_view(thread.agent_name));
  std::string text = "# " + (thread.title.empty() ? "Conversation with " + name : thread.title) + "\n\n";
  text += "With " + name;
  if (agent) text += " (" + std::string(model::word(agent->role)) + ")";
  text += " in the project " + std::string(project_name) + ", since " + moment(thread.created_at) + ".\n\n---\n\n";
  return text;
}

std::string transcript_entry(const model::Message& message, std::string_view agent) {
  if (message.setup || message.withdrawn_at) return {};
  if (message.type == model::MessageType::kStatus) {
    return "*" + message.content + "*, " + moment(message.timestamp) + "\n\n";
  }
  const bool from_person = message.sender == model::Sender::kUser;
  const bool named = message.author && !message.author->name.empty();
  const std::string_view person = named ? std::string_view(message.author->name) : "You";
  std::string text = "**" + std::string(from_person ? person : agent) + "**";
  if (message.role && !from_person) text += " (" + std::string(model::word(*message.role)) + ")";
  text += ", " + moment(message.timestamp);
  if (from_person && !message.delivered_at) text += ", not read yet";
  text += message.type == model::MessageType::kError ? ", error\n\n" : "\n\n";
  if (!message.content.empty()) text += message.content + (message.content.ends_with('\n') ? "\n" : "\n\n");
  for (const model::Attachment& file : message.attachments) text += "- attached: " + code_span(file.name) + "\n";
  if (!message.attachments.empty()) text += "\n";
  for (const model::ToolUse& use : message.tool_uses) text += tool_line(use);
  if (!message.tool_uses.empty()) text += "\n";
  return text;
}

std::string transcript_file_name(const model::Thread& thread) {
  std::string name;
  for (const char letter : base::lower_ascii(thread.title)) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
    if (plain) name.push_back(letter);
    if (!plain && !name.empty() && name.back() != '-') name.push_back('-');
  }
  name.resize(std::min(name.size(), kMaxFileName));
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "conversation" : name;
}

}  // namespace omakase::api
