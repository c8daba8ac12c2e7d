// What is worth telling somebody who looks elsewhere: from how a run stood to how it stands now. The page decides by the same
// rule while it is open (web/src/app/news.ts). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "feed/standing.h"
#include "model/webhook.h"

namespace omakase::notify {

struct News {
  model::NewsKind kind;
  std::string words;  // "Nori asks permission"
};

// `before` is absent for a run that was not heard of: then only its failure is news.
std::optional<News> news_of(const std::optional<feed::Standing>& before, const feed::Standing& now, std::string_view name);

}  // namespace omakase::notify
