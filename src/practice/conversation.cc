#include "practice/conversation.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"

namespace omakase::practice {

namespace {

using base::array_or_null;
using base::string_or_empty;

// Wire forms of Claude Code 2.1: what the person writes while a tool runs comes in a message of role `system`, or, for older
// models, in a reminder after the tool's result.
constexpr std::string_view kReminderStart = "<system-reminder>";
constexpr std::string_view kReminderEnd = "</system-reminder>";
constexpr std::string_view kSteerStart = "The user sent a new message while you were working:\n";
constexpr std::string_view kSteerEnd = "\n\nIMPORTANT:";

// Texts of role `user` that no person wrote.
constexpr std::array<std::string_view, 5> kNotAPerson = {"[Request interrupted by user", "<local-command-", "<command-name>",
                                                         "<task-notification>", "Continue from where you left off."};

std::string without_reminders(std::string_view text) {
  std::string kept;
  while (true) {
    const std::size_t start = text.find(kReminderStart);
    kept += text.substr(0, start);
    if (start == std::string_view::npos) break;
    const std::size_t end = text.find(kReminderEnd, start);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + kReminderEnd.size());
  }
  return std::string(base::trim(kept));
}

// The text of a content that is a string or a list of blocks.
std::string text_of(const json::value& content) {
  if (const auto* text = content.if_string()) return std::string(*text);
  std::string joined;
  if (const auto* blocks = content.if_array()) {
    for (const json::value& block : *blocks) {
      const auto* object = block.if_object();
      if (!object || string_or_empty(*object, "type") != "text") continue;
      if (!joined.empty()) joined += '\n';
      joined += string_or_empty(*object, "text");
    }
  }
  return joined;
}

class Reader {
 public:
  explicit Reader(Conversation& conversation) : conversation_(conversation) {}

  void read(const json::object& message) {
    const std::string_view role = string_or_empty(message, "role");
    const json::value* content = message.if_contains("content");
    if (!content) return;
    if (role == "assistant") return read_answer(*content);
    in_answer_ = false;
    if (role == "system") return read_steering(text_of(*content));
    if (role != "user") return;
    if (const auto* blocks = content->if_array()) {
      for (const json::value& block : *blocks) {
        if (const auto* object = block.if_object()) read_user_block(*object);
      }
    } else {
      read_words(text_of(*content));
    }
  }

 private:
  // Neighbouring messages of the assistant are pieces of one answer.
  void read_answer(const json::value& content) {
    if (!in_answer_) ++conversation_.step;
    in_answer_ = true;
    const auto* blocks = content.if_array();
    if (!blocks) return;
    for (const json::value& block : *blocks) {
      const auto* object = block.if_object();
      if (!object || string_or_empty(*object, "type") != "tool_use") continue;
      const json::object* input = base::object_or_null(*object, "input");
      uses_[std::string(string_or_empty(*object, "id"))] = {
          std::string(string_or_empty(*object, "name")), input ? *input : json::object{}, {}};
    }
  }

  void read_user_block(const json::object& block) {
    const std::string_view type = string_or_empty(block, "type");
    if (type == "text") return read_words(string_or_empty(block, "text"));
    if (type != "tool_result") return;
    const json::value* content = block.if_contains("content");
    const std::string text = content ? text_of(*content) : "";
    ToolOutcome outcome;
    if (const auto use = uses_.find(std::string(string_or_empty(block, "tool_use_id"))); use != uses_.end())
      outcome = use->second;
    outcome.text = without_reminders(text);
    outcome.is_error = base::bool_or_false(block, "is_error");
    conversation_.outcomes.push_back(std::move(outcome));
    read_steering(text);
  }

  // Words that begin a turn: what went before belongs to an earlier one.
  void read_words(std::string_view text) {
    std::string words = without_reminders(text);
    const bool person = std::ranges::none_of(kNotAPerson, [&](std::string_view start) { return words.starts_with(start); });
    if (words.empty() || !person) return;
    if (conversation_.step > 0) conversation_.first = false;
    conversation_.asked = std::move(words);
    conversation_.steered.clear();
    conversation_.outcomes.clear();
    conversation_.step = 0;
  }

  void read_steering(std::string_view text) {
    for (std::size_t at = 0; (at = text.find(kSteerStart, at)) != std::string_view::npos;) {
      at += kSteerStart.size();
      const std::string_view words = text.substr(at, std::min(text.find(kSteerEnd, at), text.find(kReminderEnd, at)) - at);
      if (const auto trimmed = base::trim(words); !trimmed.empty()) conversation_.steered.emplace_back(trimmed);
    }
  }

  Conversation& conversation_;
  std::map<std::string, ToolOutcome> uses_;
  bool in_answer_ = false;
};

}  // namespace

bool Conversation::offers(std::string_view tool) const { return std::ranges::find(tools, tool) != tools.end(); }

base::Result<Conversation> read_conversation(const json::object& request) {
  Conversation conversation;
  OMAKASE_TRY(conversation.model, base::required_string(request, "model"));
  OMAKASE_TRY(const auto stream, base::optional_bool(request, "stream"));
  conversation.stream = stream.value_or(false);
  const json::array* messages = array_or_null(request, "messages");
  if (!messages || messages->empty()) return base::invalid("required", "messages: at least one message is required.", "messages");
  if (const json::value* system = request.if_contains("system")) conversation.system = text_of(*system);
  if (const json::array* tools = array_or_null(request, "tools")) {
    for (const json::value& tool : *tools) {
      if (const auto* object = tool.if_object()) conversation.tools.emplace_back(string_or_empty(*object, "name"));
    }
  }
  conversation.messages = messages->size();
  Reader reader(conversation);
  for (const json::value& message : *messages) {
    const auto* object = message.if_object();
    if (!object) return base::invalid("invalid_type", "messages: each message must be an object.", "messages");
    reader.read(*object);
  }
  return conversation;
}

}  // namespace omakase::practice
