#include "agents/run_log.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "agents/plain_text.h"
#include "base/text.h"

namespace omakase::agents {

namespace {

constexpr std::size_t kMaxQuoted = 200;    // of a message or a tool's argument
constexpr std::size_t kMaxResult = 2'000;  // of what a failed tool said

using Level = model::LogLevel;
using Lines = std::vector<model::LogLine>;
using base::Timestamp;
namespace json = boost::json;

struct Verb {
  std::string_view tool;
  std::string_view running;
  std::string_view done;
  std::string_view argument;  // the field of its input that says what it works on
  bool slow;                  // its beginning is worth a line
};

// Of Claude Code's tools. Of any other, its name is told.
constexpr Verb kVerbs[] = {
    {"Bash", "Running", "Ran", "command", true},
    {"Read", "Reading", "Read", "file_path", false},
    {"Edit", "Editing", "Edited", "file_path", false},
    {"MultiEdit", "Editing", "Edited", "file_path", false},
    {"Write", "Writing", "Wrote", "file_path", false},
    {"NotebookEdit", "Editing", "Edited", "notebook_path", false},
    {"Grep", "Searching", "Searched", "pattern", false},
    {"Glob", "Listing", "Listed", "pattern", false},
    {"WebFetch", "Fetching", "Fetched", "url", true},
    {"WebSearch", "Searching the web for", "Searched the web for", "query", true},
    {"Task", "Delegating", "Delegated", "description", true},
    {"Agent", "Delegating", "Delegated", "description", true},
};

const Verb* verb_of(std::string_view tool) {
  const auto found = std::ranges::find(kVerbs, tool, &Verb::tool);
  return found == std::end(kVerbs) ? nullptr : &*found;
}

std::string first_line(std::string_view text) {
  const std::string_view trimmed = base::trim(text);
  const std::string_view line = trimmed.substr(0, trimmed.find('\n'));
  const std::string_view kept = base::utf8_prefix(line, kMaxQuoted);
  return std::string(kept) + (kept.size() < trimmed.size() ? "…" : "");
}

std::string tool_words(std::string_view tool, const json::object& input, bool done) {
  const Verb* verb = verb_of(tool);
  if (!verb) return std::string(done ? "Used " : "Using ").append(tool);
  const std::string argument = first_line(base::string_or_empty(input, verb->argument));
  return std::string(done ? verb->done : verb->running) + (argument.empty() ? "" : " " + argument);
}

std::string seconds(std::int64_t micros) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(micros) / 1e6);
  return text;
}

model::LogLine ended_tool(const model::ToolUse& use, Timestamp at) {
  model::LogLine line{.timestamp = use.ended_at.value_or(at)};
  line.message = tool_words(use.tool, use.input, true);
  if (use.summary && !use.summary->empty()) line.message += ": " + *use.summary;
  if (use.ended_at) line.message += " after " + seconds(use.ended_at->micros - use.started_at.micros);
  if (use.status == model::ToolStatus::kError) {
    line.level = Level::kError;
    if (use.result && !use.result->empty()) line.message += "\n" + shortened(*use.result, kMaxResult);
  }
  return line;
}

// A request that the commit itself answers asks nobody.
bool is_answered(const std::vector<store::Change>& changes, const std::string& request_id) {
  return std::ranges::any_of(changes, [&](const store::Change& change) {
    const auto* resolved = std::get_if<store::ResolvePermission>(&change);
    return resolved && resolved->request_id == request_id;
  });
}

std::string_view answer_words(const store::ResolvePermission& resolve) {
  if (resolve.automatic) return {};
  switch (resolve.status) {
    case model::PermissionStatus::kAllowed: return "Got an answer and goes on";
    case model::PermissionStatus::kDenied: return "Was told no";
    case model::PermissionStatus::kExpired: return "Nobody answered in time";
    case model::PermissionStatus::kPending:
    case model::PermissionStatus::kCancelled: return {};
  }
  std::unreachable();
}

struct LineWriter {
  Timestamp at;
  const std::vector<store::Change>& changes;
  Lines& out;

  void add(Level level, std::string message, std::optional<std::string> source = std::nullopt) {
    message = base::utf8_prefix(message, model::kMaxLogMessageBytes);
    out.push_back({.timestamp = at, .level = level, .source = std::move(source), .message = std::move(message)});
  }

  void operator()(const store::AppendMessage& append) {
    const model::Message& message = append.message;
    if (message.sender != model::Sender::kAgent) return;
    if (message.setup) {
      const std::string_view state = base::string_or_empty(*message.setup, "state");
      const Level level = state == "failed" ? Level::kError : state == "warning" ? Level::kWarn : Level::kInfo;
      const std::string_view output = base::string_or_empty(*message.setup, "output");
      add(level, message.content + (output.empty() ? "" : "\n" + std::string(base::trim(output))), "setup");
    } else if (message.type == model::MessageType::kMessage) {
      if (!base::trim(message.content).empty()) add(Level::kInfo, "“" + first_line(message.content) + "”");
    } else {
      add(message.type == model::MessageType::kError ? Level::kError : Level::kInfo, message.content);
    }
    for (const model::ToolUse& use : message.tool_uses) {
      const Verb* verb = verb_of(use.tool);
      if (!verb || verb->slow) add(Level::kInfo, tool_words(use.tool, use.input, false));
    }
  }
  void operator()(const store::AskPermission& ask) {
    const model::Permission& asked = ask.permission;
    if (asked.status != model::PermissionStatus::kPending || is_answered(changes, asked.request_id)) return;
    const bool question = asked.kind == model::PermissionKind::kQuestion;
    const std::string what = question ? "Has a question and waits for the answer"
                                      : "Asks before it goes on: " + tool_words(asked.tool, asked.input, false);
    add(Level::kWarn, what);
  }
  void operator()(const store::ResolvePermission& resolve) {
    if (const auto words = answer_words(resolve); !words.empty()) add(Level::kInfo, std::string(words));
  }
  void operator()(const store::RecordModelCall& record) {
    const model::ModelCall& call = record.call;
    const model::Usage& usage = call.usage;
    const std::int64_t read = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
    std::string message = call.model + ": " + std::to_string(read) + " tokens in, " + std::to_string(usage.output_tokens) +
                          " out, " + seconds(call.ended_at.micros - call.started_at.micros);
    if (!call.error.empty()) message += ": " + call.error;
    add(call.error.empty() ? Level::kDebug : Level::kWarn, std::move(message), "model");
  }
  void operator()(const auto& /*nothing to tell*/) {}
};

}  // namespace

Lines log_of(const std::vector<store::Change>& changes, Timestamp at) {
  Lines lines;
  LineWriter writer{at, changes, lines};
  for (const store::Change& change : changes) std::visit(writer, change);
  return lines;
}

Lines log_of(const std::vector<claude::Live>& live, Timestamp at) {
  Lines lines;
  for (const claude::Live& one : live) {
    if (const auto* end = std::get_if<claude::live::ToolEnd>(&one)) lines.push_back(ended_tool(end->use, at));
  }
  return lines;
}

void add_log(std::vector<store::Change>& changes, const std::string& run_id, Lines lines) {
  if (!lines.empty()) changes.emplace_back(store::AppendLog{.run_id = run_id, .lines = std::move(lines)});
}

}  // namespace omakase::agents
