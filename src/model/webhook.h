// Where a project's news is sent to, with its JSON form. Values only; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

namespace omakase::model {

namespace json = boost::json;

// What is told; a webhook can be for some of it.
enum class NewsKind : std::uint8_t {
  kQuestion,  // an agent asks permission or has a question
  kError,     // a run has failed, or an agent ran into an error
  kTurn,      // an agent is done and waits
};
std::string_view word(NewsKind kind);
std::optional<NewsKind> parse_news_kind(std::string_view text);
inline constexpr NewsKind kNewsKinds[] = {NewsKind::kQuestion, NewsKind::kError, NewsKind::kTurn};

struct Webhook {
  // How the last call ended.
  struct Delivery {
    base::Timestamp at;
    bool delivered = false;
    std::string detail;  // "answered 200"
  };
  std::string url;
  std::vector<NewsKind> kinds;
  std::string sealed_secret;  // not in its JSON
  base::Timestamp created_at;
  std::optional<Delivery> last;
};

inline constexpr std::size_t kMaxWebhookUrl = 2000;

// http or https, a host, no password in it, and not the address at which clouds give machines their credentials.
base::Result<void> check_webhook_url(std::string_view url);

json::object to_json(const Webhook& webhook);

}  // namespace omakase::model
