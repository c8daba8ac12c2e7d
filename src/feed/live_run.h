// What has no id of a run: its status, whether its agent is busy, which messages it has not received, what it asks for, what its
// session is like, and the text it is writing.
// Kept by Feed on the Loop's thread while somebody reads or runs it; enough to make a joining client right without history.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feed/frames.h"
#include "model/permission.h"
#include "model/run.h"

namespace omakase::feed {

namespace json = boost::json;

class LiveRun {
 public:
  static constexpr std::size_t kMaxUndelivered = 1000;
  static constexpr std::size_t kMaxChanged = 100;

  // Whose run it is; empty until that is known.
  std::string agent_name;
  std::string project_id;
  std::string thread_id;
  bool external = false;  // a program outside this server carries it out
  model::RunStatus status = model::RunStatus::kStarted;
  model::RunPresence presence;
  // Ids of a person's messages that the agent has not received, in the order of their turn; the newest kMaxUndelivered are told.
  std::vector<std::string> undelivered;
  // A person's messages that were changed or withdrawn after they were stored, as they are now: the last kMaxChanged.
  std::vector<model::Message> changed;
  std::vector<model::Permission> permissions;  // pending, oldest first
  std::string asked_before;                    // the newest of them, when it was pending as this began to be kept
  std::optional<json::object> session;         // of a run that this server carries out

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
  // These take each other's places among the undelivered, in this order.
  void order(const std::vector<std::string>& message_ids);
  void asked(const model::Permission& permission);

  void belongs_to(const model::Run& run);

  // {status, busy, attention, external, undelivered: [ids], changed: [messages], permissions, session}
  std::string state_json() const;
  // {status, busy, attention, external}
  json::object status_json() const;
  // {runId, threadId, agentName, status, busy, attention, external, waiting: how many messages the agent has not received}
  json::object summary_json(std::string_view run_id) const;

  // What brings a joining reader up to now: state, and for each message being written message-start, its text so far as one
  // content-delta, and its tool uses.
  std::vector<Event> snapshot() const;
};

}  // namespace omakase::feed
