// What the practice model answers to a conversation: the next step of the script in the person's words, or of its demonstration.
// Pure: the same conversation always gets the same step. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "practice/conversation.h"
#include "practice/step.h"

namespace omakase::practice {

// `instead` takes the place of what the person asked as the source of directives. Directives in what the person said while tools
// ran go on where the script ends; other words said then are mentioned in the last step.
Step decide(const Conversation& conversation, std::optional<std::string_view> instead = std::nullopt);

}  // namespace omakase::practice
