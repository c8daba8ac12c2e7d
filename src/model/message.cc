#include "model/message.h"

namespace omakase::model {

namespace {

void append_quoted(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(text, copied, at - copied);
    copied = at + 1;
    switch (byte) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out.push_back(kHex[byte >> 4]);
        out.push_back(kHex[byte & 15]);
    }
  }
  out.append(text, copied, text.size() - copied);
  out.push_back('"');
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.push_back(out.back() == '{' ? '"' : ',');
  if (out.back() == ',') out.push_back('"');
  out += name;
  out += "\":";
  append_quoted(out, text);
}

void append_nullable(std::string& out, std::string_view name, const std::optional<std::string>& text) {
  if (text) {
    append_member(out, name, *text);
  } else {
    out += ",\"";
    out += name;
    out += "\":null";
  }
}

}  // namespace

json::object to_json(const ToolUse& use) {
  json::object object{{"toolUseId", use.tool_use_id}, {"tool", use.tool}, {"input", use.input}, {"status", word(use.status)}};
  if (use.summary) object["summary"] = *use.summary;
  if (use.result) object["result"] = *use.result;
  object["startedAt"] = base::format(use.started_at);
  if (use.ended_at) object["endedAt"] = base::format(*use.ended_at);
  return object;
}

std::optional<ToolUse> tool_use_from_json(const json::object& object) {
  const auto status = parse_tool_status(base::string_or_empty(object, "status"));
  const auto started_at = base::parse_timestamp(base::string_or_empty(object, "startedAt"));
  const json::object* input = base::object_or_null(object, "input");
  if (!status || !started_at || !input) return std::nullopt;
  ToolUse use;
  use.tool_use_id = base::string_or_empty(object, "toolUseId");
  use.tool = base::string_or_empty(object, "tool");
  use.input = *input;
  use.status = *status;
  use.started_at = *started_at;
  use.ended_at = base::parse_timestamp(base::string_or_empty(object, "endedAt"));
  if (object.contains("summary")) use.summary = base::string_or_empty(object, "summary");
  if (object.contains("result")) use.result = base::string_or_empty(object, "result");
  return use;
}

json::array tool_uses_to_json(const std::vector<ToolUse>& uses) {
  json::array array;
  for (const ToolUse& use : uses) array.push_back(to_json(use));
  return array;
}

std::vector<ToolUse> tool_uses_from_json(const json::array& array) {
  std::vector<ToolUse> uses;
  for (const json::value& item : array) {
    if (const json::object* object = item.if_object()) {
      if (auto use = tool_use_from_json(*object)) uses.push_back(*std::move(use));
    }
  }
  return uses;
}

json::value to_json(const std::optional<Author>& author) {
  return author ? json::value{{"id", author->id}, {"name", author->name}} : json::value(nullptr);
}

json::object to_json(const Message& message) {
  json::object object{{"id", message.id}, {"runId", message.run_id}};
  object["featureId"] = message.feature_id ? json::value(*message.feature_id) : json::value(nullptr);
  object["projectId"] = message.project_id;
  if (message.thread_id) object["threadId"] = *message.thread_id;
  object["sender"] = word(message.sender);
  object["role"] = message.role ? json::value(word(*message.role)) : json::value(nullptr);
  object["type"] = word(message.type);
  object["content"] = message.content;
  object["timestamp"] = base::format(message.timestamp);
  if (message.delivered_at) object["deliveredAt"] = base::format(*message.delivered_at);
  if (message.queued) object["queued"] = true;
  if (message.edited_at) object["editedAt"] = base::format(*message.edited_at);
  if (message.withdrawn_at) object["withdrawnAt"] = base::format(*message.withdrawn_at);
  if (message.author) object["author"] = to_json(message.author);
  if (!message.attachments.empty()) object["attachments"] = attachments_to_json(message.attachments);
  if (!message.tool_uses.empty()) object["toolUses"] = tool_uses_to_json(message.tool_uses);
  if (message.setup) object["setup"] = *message.setup;
  return object;
}

void append_json(std::string& out, const Message& message) {
  out.reserve(out.size() + message.content.size() + 320);
  out.push_back('{');
  append_member(out, "id", message.id);
  append_member(out, "runId", message.run_id);
  append_nullable(out, "featureId", message.feature_id);
  append_member(out, "projectId", message.project_id);
  if (message.thread_id) append_member(out, "threadId", *message.thread_id);
  append_member(out, "sender", word(message.sender));
  append_nullable(out, "role", message.role ? std::optional(std::string(word(*message.role))) : std::nullopt);
  append_member(out, "type", word(message.type));
  append_member(out, "content", message.content);
  append_member(out, "timestamp", base::format(message.timestamp));
  if (message.delivered_at) append_member(out, "deliveredAt", base::format(*message.delivered_at));
  if (message.queued) out += ",\"queued\":true";
  if (message.edited_at) append_member(out, "editedAt", base::format(*message.edited_at));
  if (message.withdrawn_at) append_member(out, "withdrawnAt", base::format(*message.withdrawn_at));
  if (message.author) {
    out += ",\"author\":{";
    append_member(out, "id", message.author->id);
    append_member(out, "name", message.author->name);
    out.push_back('}');
  }
  if (!message.attachments.empty()) {
    out += ",\"attachments\":" + json::serialize(attachments_to_json(message.attachments));
  }
  if (!message.tool_uses.empty()) out += ",\"toolUses\":" + json::serialize(tool_uses_to_json(message.tool_uses));
  if (message.setup) out += ",\"setup\":" + json::serialize(*message.setup);
  out.push_back('}');
}

}  // namespace omakase::model
