#include "practice/decide.h"

#include <algorithm>
#include <string>

#include "practice/demonstration.h"
#include "practice/script.h"

namespace omakase::practice {

namespace {

bool ends_the_turn(const Step& step) {
  return std::ranges::none_of(step.actions, [](const Action& action) { return std::holds_alternative<ToolUse>(action); });
}

// What the person said while tools ran that is no directive: an agent is expected to react to it.
std::string mention_of(const Conversation& conversation) {
  std::string mention;
  for (const std::string& said : conversation.steered) {
    const auto script = parse_script(said);
    if (script && script->steps.empty() && !script->delay)
      mention += (mention.empty() ? "" : "\n") + ("While I worked you wrote: " + said);
  }
  return mention;
}

Step chosen_step(const Conversation& conversation, std::string_view source) {
  std::string text(source);
  for (const std::string& said : conversation.steered) text += "\n" + said;
  auto script = parse_script(text);
  Step step;
  if (!script) {
    step.actions.emplace_back(Text{"The practice model cannot follow its script. " + script.error().detail});
    return step;
  }
  if (script->steps.empty()) {
    step = demonstrate(conversation);
    if (script->delay) step.actions.insert(step.actions.begin(), Pace{script->delay});
  } else if (const auto at = static_cast<std::size_t>(conversation.step); at < script->steps.size()) {
    step = std::move(script->steps[at]);
  }
  return step;
}

}  // namespace

Step decide(const Conversation& conversation, std::optional<std::string_view> instead) {
  Step step = chosen_step(conversation, instead.value_or(conversation.asked));
  if (std::string mention = mention_of(conversation); !mention.empty() && ends_the_turn(step)) {
    const bool silent =
        std::ranges::none_of(step.actions, [](const Action& action) { return std::holds_alternative<Text>(action); });
    if (silent) step.actions.emplace_back(Text{"Done."});
    step.actions.emplace_back(Text{std::move(mention)});
  }
  return step;
}

}  // namespace omakase::practice
