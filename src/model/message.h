// One entry of a run's conversation, and its JSON form: what the API answers and what an event's `data:` line carries.
// Values only; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "model/attachment.h"
#include "model/words.h"

namespace omakase::model {

namespace json = boost::json;
using base::Timestamp;

// A message's content, in bytes of UTF-8. Agents' longer texts are split at a line.
inline constexpr std::size_t kMaxContentBytes = 256 * 1024;
// What is kept of a tool's input and of its result.
inline constexpr std::size_t kMaxToolTextBytes = 64 * 1024;

// A tool that the agent used in the step that a message stands for.
struct ToolUse {
  std::string tool_use_id;
  std::string tool;  // "Bash"
  json::object input;
  ToolStatus status = ToolStatus::kRunning;
  std::optional<std::string> summary;  // one line: "exit 0"
  std::optional<std::string> result;   // at most kMaxToolTextBytes
  Timestamp started_at;
  std::optional<Timestamp> ended_at;
};

// The person who wrote a message.
struct Author {
  std::string id;
  std::string name;  // as they are called now; filled in by the store
};
json::value to_json(const std::optional<Author>& author);

struct Message {
  std::string id;
  std::string run_id;
  std::optional<std::string> feature_id;
  std::string project_id;
  std::optional<std::string> thread_id;
  Sender sender = Sender::kUser;
  std::optional<Role> role;
  MessageType type = MessageType::kMessage;
  std::string content;
  Timestamp timestamp;                    // allotted by the store: unique and increasing within a run
  std::optional<Timestamp> delivered_at;  // when the agent received a person's message
  bool queued = false;                    // a person's: held back until the turn ends
  std::optional<Timestamp> edited_at;     // the person changed it before the agent had it
  std::optional<Timestamp> withdrawn_at;  // the person took it back before the agent had it
  std::optional<Author> author;           // of a person's message; nullopt: nobody knows any more
  std::vector<Attachment> attachments;    // of a person's message
  std::vector<ToolUse> tool_uses;         // of an agent's step
  std::optional<json::object> setup;      // progress of a workspace's set-up: {step, state, detail, elapsedMs?, output?}

  // Not in the API.
  std::int64_t revision = 0;  // how often it was changed while it waited: the agent knows each one by a name of its own
  std::string first_run_id;   // the run that it was sent to, when a later one took it over
};

json::object to_json(const ToolUse& use);
json::object to_json(const Message& message);

// The JSON text of a message, written straight into `out`: the form of the hot path, equal to serialize(to_json(message)).
void append_json(std::string& out, const Message& message);

// Reads back what to_json(ToolUse) wrote (the store keeps it as text); nullopt when it is something else.
std::optional<ToolUse> tool_use_from_json(const json::object& object);

json::array tool_uses_to_json(const std::vector<ToolUse>& uses);
std::vector<ToolUse> tool_uses_from_json(const json::array& array);

}  // namespace omakase::model
