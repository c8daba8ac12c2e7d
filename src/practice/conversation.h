// A Messages API request as the practice model understands it: what a person asked last, what was said and done since, and how
// many answers that took. Only from the request itself, so that a model that was restarted goes on where it was.
// Pure; any thread. The request comes from a stranger: what is not of the expected type is an error or ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace omakase::practice {

namespace json = base::json;

// A tool that was used since the person asked, and what came back.
struct ToolOutcome {
  std::string name;
  json::object input;
  std::string text;  // without what the agent's program appended for the model
  bool is_error = false;
};

struct Conversation {
  std::string model;
  bool stream = false;
  std::string system;                 // every system text, joined by newlines
  std::vector<std::string> tools;     // the names of those on offer
  std::string asked;                  // the last words of a person that began a turn
  std::vector<std::string> steered;   // what the person said since, while tools ran
  std::vector<ToolOutcome> outcomes;  // in the order in which they came back
  int step = 0;                       // answers given since the person asked
  bool first = true;                  // nothing was answered before that
  std::size_t messages = 0;

  bool offers(std::string_view tool) const;
};

base::Result<Conversation> read_conversation(const json::object& request);

}  // namespace omakase::practice
