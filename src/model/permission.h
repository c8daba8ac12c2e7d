// Something that an agent may not do, or cannot know, without a person: a tool that needs consent, questions with options, a plan
// to approve. A row from the moment it is asked until long after it was answered. Values only; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "model/words.h"

namespace omakase::model {

namespace json = boost::json;
using base::Timestamp;

struct Permission {
  std::string request_id;  // of our making; unique within the run
  std::string run_id;
  PermissionKind kind = PermissionKind::kTool;
  std::string tool;
  std::string tool_use_id;
  json::object input;
  std::optional<std::string> description;  // what it is for, as the agent says
  std::optional<std::string> reason;       // why it is asked
  PermissionStatus status = PermissionStatus::kPending;
  Timestamp requested_at;
  Timestamp expires_at;
  std::optional<Timestamp> answered_at;
  std::optional<PermissionScope> scope;  // of a consent
  bool automatic = false;                // an earlier consent answered it
  std::optional<std::string> message;    // to the agent, with a denial
  std::optional<json::object> answers;   // question → answer

  std::string agent_request_id;  // the agent's own name for it. Not in the API.
};

json::object to_json(const Permission& permission);

}  // namespace omakase::model
