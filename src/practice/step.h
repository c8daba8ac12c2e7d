// One answer of the practice model, before it has the form of the wire: what it says and uses, in order, and how it misbehaves.
// Values only; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"

namespace omakase::practice {

namespace json = base::json;
using std::chrono::milliseconds;

struct Text {
  std::string text;
};
struct Thinking {
  std::string text;
};
struct ToolUse {
  std::string name;
  json::object input;
};
// From here on, the time between two pieces of text.
struct Pace {
  std::optional<milliseconds> pause;  // nullopt: the model's own
};
// Waits until somebody releases the name.
struct Hold {
  std::string name;
};
// Says nothing more and keeps the connection.
struct Hang {};
// Ends the stream with an error event, for the first `times` requests of this step.
struct ErrorEvent {
  std::string type;
  int times = 1;
};
using Action = std::variant<Text, Thinking, ToolUse, Pace, Hold, Hang, ErrorEvent>;

// An HTTP error instead of an answer, for the first `times` requests of this step.
struct Refusal {
  int status = 529;
  int times = 1;
  std::optional<int> retry_after_seconds;
};
// The connection breaks after so many deltas, for the first `times` requests of this step.
struct Cut {
  int after_deltas = 0;
  int times = 1;
};

struct Step {
  std::string hold_start;  // waits for this name before the response begins, unless empty
  std::optional<Refusal> refusal;
  std::optional<Cut> cut;
  std::vector<Action> actions;
};

}  // namespace omakase::practice
