#include "model/webhook.h"

#include <algorithm>

#include "base/text.h"

namespace omakase::model {

namespace {

constexpr std::string_view kWords[] = {"question", "error", "turn"};

base::Failure refused(std::string detail) { return base::invalid("invalid_url", std::move(detail), "url"); }

bool is_metadata(std::string_view host) {
  return host.starts_with("169.254.") || host.starts_with("[fe80:") || host == "metadata.google.internal";
}

}  // namespace

std::string_view word(NewsKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

std::optional<NewsKind> parse_news_kind(std::string_view text) {
  for (const NewsKind kind : kNewsKinds) {
    if (word(kind) == text) return kind;
  }
  return std::nullopt;
}

base::Result<void> check_webhook_url(std::string_view url) {
  if (url.size() > kMaxWebhookUrl) return refused("\"url\" has at most " + std::to_string(kMaxWebhookUrl) + " bytes.");
  const std::string_view scheme = url.starts_with("https://") ? "https://" : url.starts_with("http://") ? "http://" : "";
  const bool plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F && c != '\\' && c != '"'; });
  if (scheme.empty() || !plain) return refused("\"url\" must be an address that begins with https:// or http://.");
  const std::string_view rest = url.substr(scheme.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.contains('@')) return refused("\"url\" must have no name or password in it; calls are signed.");
  const std::size_t colon = authority.starts_with('[') ? authority.find("]:") : authority.find(':');
  const std::string host = base::lower_ascii(authority.substr(0, colon));
  if (host.empty()) return refused("\"url\" must have a host.");
  if (is_metadata(host)) return refused("\"url\" must not be an address of this machine's cloud.");
  return {};
}

json::object to_json(const Webhook& webhook) {
  json::array kinds;
  for (const NewsKind kind : webhook.kinds) kinds.emplace_back(word(kind));
  json::object object{{"url", webhook.url}, {"kinds", std::move(kinds)}, {"createdAt", base::format(webhook.created_at)}};
  object["lastDelivery"] = nullptr;
  if (const auto& last = webhook.last) {
    object["lastDelivery"] = {{"at", base::format(last->at)}, {"delivered", last->delivered}, {"detail", last->detail}};
  }
  return object;
}

}  // namespace omakase::model
