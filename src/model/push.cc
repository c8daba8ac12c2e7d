#include "model/push.h"

#include <algorithm>

#include "base/text.h"

namespace omakase::model {

namespace {

constexpr std::size_t kMaxEndpoint = 2000;
constexpr std::string_view kServices[] = {"fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"};
constexpr std::string_view kServiceDomains[] = {".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com"};

base::Failure refused(std::string detail) { return base::invalid("invalid_endpoint", std::move(detail), "endpoint"); }

bool is_service(std::string_view host) {
  return std::ranges::find(kServices, host) != std::end(kServices) ||
         std::ranges::any_of(kServiceDomains, [host](std::string_view domain) { return host.ends_with(domain); });
}

}  // namespace

base::Result<void> check_push_endpoint(std::string_view endpoint, const std::vector<std::string>& more) {
  const bool plain = std::ranges::all_of(endpoint, [](char c) { return c > ' ' && c < 0x7F && c != '\\' && c != '@'; });
  if (endpoint.size() > kMaxEndpoint || !plain) return refused("\"endpoint\" must be the address of a push service.");
  for (const std::string& prefix : more) {
    if (!prefix.empty() && endpoint.starts_with(prefix)) return {};
  }
  constexpr std::string_view kScheme = "https://";
  if (endpoint.starts_with(kScheme)) {
    const std::string_view rest = endpoint.substr(kScheme.size());
    if (is_service(base::lower_ascii(rest.substr(0, rest.find_first_of("/?#"))))) return {};
  }
  return refused("This server sends to the push services of the known browsers only. Its operator can name others.");
}

json::object to_json(const PushSubscription& subscription) {
  json::array kinds;
  for (const NewsKind kind : subscription.kinds) kinds.emplace_back(word(kind));
  return {{"id", subscription.id},
          {"kinds", std::move(kinds)},
          {"browser", subscription.browser},
          {"createdAt", base::format(subscription.created_at)}};
}

}  // namespace omakase::model
