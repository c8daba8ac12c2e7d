#include "notify/news.h"

namespace omakase::notify {

namespace {

using model::NewsKind;
using model::RunStatus;

bool has(const feed::Standing& run, std::string_view attention) { return run.presence.attention == attention; }

}  // namespace

std::optional<News> news_of(const std::optional<feed::Standing>& before, const feed::Standing& now, std::string_view name) {
  const std::string who(name);
  const bool failed = now.status == RunStatus::kFailed;
  if (failed && (!before || before->status != RunStatus::kFailed)) return News{NewsKind::kError, who + " ran into an error"};
  if (!before) return std::nullopt;
  const bool changed = now.presence.attention != before->presence.attention;
  const bool asks = changed && !now.asked_before;
  if (asks && has(now, "permission")) return News{NewsKind::kQuestion, who + " asks permission"};
  if (asks && has(now, "question")) return News{NewsKind::kQuestion, who + " has a question"};
  if (changed && has(now, "error")) return News{NewsKind::kError, who + " ran into an error"};
  const bool done = before->presence.busy && !now.presence.busy && !now.presence.attention;
  if (done && now.status != RunStatus::kCompleted) return News{NewsKind::kTurn, who + " is done and waits for you"};
  return std::nullopt;
}

}  // namespace omakase::notify
