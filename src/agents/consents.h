// What the agent asked for in one session, and what was allowed in it for good. Pure: the Session stores, shows and answers.
// Requests come from the agent one at a time, or as many as it has sub-agents. Source: measured with Claude Code 2.1.197.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agents/claude/events.h"
#include "model/permission.h"

namespace omakase::agents {

// How a person answers. `answers`: of questions, the question's text → the answer.
struct ConsentAnswer {
  bool allow = false;
  model::PermissionScope scope = model::PermissionScope::kOnce;
  std::optional<std::string> message;
  std::optional<model::json::object> answers;
};

class Consents {
 public:
  Consents(std::string run_id, std::chrono::seconds timeout) : run_id_(std::move(run_id)), timeout_(timeout) {}

  // The request as it is stored; the same record of the agent's always gives the same.
  model::Permission make(const claude::PermissionRequest& request, base::Timestamp at) const;

  // Whether it was allowed for the session.
  bool granted(const model::Permission& permission) const;
  // What a stored answer means for later requests.
  void remember(const model::Permission& answered);
  // The tools that were allowed for the session.
  const std::set<std::string>& granted_tools() const { return granted_tools_; }
  void forget_granted() { granted_tools_.clear(); }

  // A request as it is now: pending ones are kept, the others leave.
  void put(const model::Permission& permission);
  const model::Permission* find(std::string_view request_id) const;
  const model::Permission* find_by_agent(std::string_view agent_request_id) const;
  const std::vector<model::Permission>& pending() const { return pending_; }

  // What the run waits for: "permission", "question" or nothing.
  std::optional<std::string> attention() const;
  std::optional<base::Timestamp> next_expiry() const;

 private:
  std::string run_id_;
  std::chrono::seconds timeout_;
  std::vector<model::Permission> pending_;
  std::set<std::string> granted_tools_;
};

// Names a tool together with its exact input, whatever the order of its members.
std::string consent_digest(const model::Permission& permission);

// An answer that does not fit its request: kInvalid invalid_scope, required_answers.
base::Result<void> check_answer(const model::Permission& permission, const ConsentAnswer& answer);

}  // namespace omakase::agents
