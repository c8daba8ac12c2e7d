// What Claude Code's lines mean for the conversation: which messages to store, what to show while they are written, which of a
// person's messages were received, when a turn ends. A state machine without I/O: fed with events and the time at which the
// runner read them, so that the same spool always gives the same messages with the same ids. One message is stored for each model
// step; its tools' results come later and change it. A step that breaks off is dropped.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "agents/claude/events.h"
#include "store/message_log.h"

namespace omakase::agents::claude {

namespace json = boost::json;
using base::Timestamp;

// What to show at once; not stored.
namespace live {
struct Start {
  std::string message_id;
};
struct Delta {
  std::string message_id;
  std::string text;
};
struct Tool {
  std::string message_id;
  model::ToolUse use;
};
struct ToolEnd {
  std::string message_id;
  model::ToolUse use;
};
struct Complete {
  std::string message_id;
};
struct Dropped {
  std::string message_id;
};
}  // namespace live
using Live = std::variant<live::Start, live::Delta, live::Tool, live::ToolEnd, live::Complete, live::Dropped>;

struct TurnEnd {
  bool interrupted = false;
  bool failed = false;
  std::string text;                 // why it failed, as the agent says it
  std::optional<int> model_status;  // HTTP status of the model's refusal
  bool no_conversation = false;     // what was to be resumed is not there
};

struct Outcome {
  std::vector<Live> live;  // in order, before the changes are stored
  std::vector<store::Change> changes;
  std::vector<std::string> received;  // UUIDs of a person's messages
  std::optional<bool> busy;
  std::optional<TurnEnd> turn_end;
  std::optional<std::string> session;  // the agent's name for the conversation
  std::optional<std::string> model;
  std::optional<double> cost_usd;  // of this process so far
  std::optional<std::string> permission_mode;
  std::optional<std::int64_t> context_tokens;  // what the model was told and said in the agent's last step
  std::optional<std::int64_t> context_window;  // what fits
  std::optional<bool> compacting;
  std::optional<ApiRetry> retry;
  std::optional<ControlResponse> answer;

  // What follows this one, in one outcome.
  void merge(Outcome&& next);
};

class Transcript {
 public:
  Transcript(std::string run_id, model::Role role) : run_id_(std::move(run_id)), role_(role) {}

  Outcome on(const Event& event, Timestamp at);

  // The process is gone: what was being written is dropped, running tools end as errors.
  Outcome on_exit(Timestamp at);

  // A message of ours was stored: its tools' results will go there.
  void stored(const model::Message& message);

  // Whether a tool that the agent asked for has given no result yet. A sub-agent is such a tool; a question to a person, too.
  bool tool_running() const { return !message_of_tool_.empty(); }

  // What runs on beside the conversation, by the agent's name for it: its description. At most kMaxTasks are remembered.
  const std::map<std::string, std::string>& tasks() const { return tasks_; }
  static constexpr std::size_t kMaxTasks = 64;

 private:
  struct Step {
    std::string agent_id;  // the API's name for the model's message
    std::string message_id;
    bool streamed = false;
    std::string text;
    std::vector<model::ToolUse> tool_uses;
  };
  struct Tools {
    Timestamp timestamp;  // of the stored message
    std::string message_id;
    std::vector<model::ToolUse> uses;
  };

  void begin(const std::string& agent_id, bool streamed, Timestamp at, Outcome& outcome);
  void add(const Block& block, Timestamp at, Outcome& outcome);
  void end_step(Outcome& outcome);
  void drop_step(Outcome& outcome);
  void end_tool(const ToolResult& result, Timestamp at, Outcome& outcome);
  void end_running_tools(Timestamp at, const std::string& summary, Outcome& outcome);
  void end_turn(const Result& result, Timestamp at, Outcome& outcome);
  void update(const Tools& tools, Outcome& outcome);
  void count(const StepUsage& usage);
  void tell_context(Outcome& outcome) const;

  std::string run_id_;
  model::Role role_;
  std::optional<Step> step_;
  std::string last_dropped_;
  std::unordered_map<std::string, std::string> message_of_tool_;  // tool use → message, while it runs
  std::unordered_map<std::string, Tools> tools_;                  // message → its tools, while one runs
  std::map<std::string, std::string> tasks_;
  std::string model_;  // of the turn
  StepUsage usage_;    // of the step
};

}  // namespace omakase::agents::claude
