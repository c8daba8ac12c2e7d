// What has no id of a run: its status, whether its agent is busy, which messages it has not received, and the text it is writing.
// Kept by Feed on the Loop's thread while somebody reads or runs it; enough to make a joining client right without history.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/run.h"

namespace omakase::feed {

using base::Timestamp;
namespace json = boost::json;

class LiveRun {
 public:
  // A person's messages that the agent has not received, by timestamp; the newest kMaxUndelivered are told.
  static constexpr std::size_t kMaxUndelivered = 1000;

  model::RunStatus status = model::RunStatus::kStarted;
  model::RunPresence presence;
  std::map<std::int64_t, std::string> undelivered;

  // A message that the agent is writing.
  struct Writing {
    std::string message_id;
    std::string role;
    std::string text;
    std::vector<model::ToolUse> tool_uses;
  };
  std::vector<Writing> writing;

  Writing* find_writing(std::string_view message_id);

  // Follows a stored message: a person's is undelivered until its receipt, an agent's is no longer being written.
  void stored(const model::Message& message);
  void updated(const model::Message& message);

  // {status, busy, attention, undelivered: [ids], permissions: []}
  std::string state_json() const;

  // The frames that bring a joining reader up to now: state, and for each message being written message-start, its text so far as
  // one content-delta, and its tool uses.
  std::string snapshot_frames() const;
};

}  // namespace omakase::feed
