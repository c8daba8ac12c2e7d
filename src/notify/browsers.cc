#include "notify/browsers.h"

#include <algorithm>

#include "base/digest.h"
#include "base/log.h"
#include "notify/pauses.h"

namespace omakase::notify {

namespace {

namespace json = boost::json;

constexpr auto kHeadLimit = std::chrono::seconds(10);
constexpr std::size_t kTopicLength = 32;  // as push services take it

// The same words and the same tag as an open page shows (web/src/app/use_news.ts): nothing shows twice.
std::string payload_of(const Notice& notice) {
  return json::serialize(json::object{{"kind", notice.event},
                                      {"title", notice.words},
                                      {"body", notice.project_name},
                                      {"path", path_of(notice)},
                                      {"tag", notice.run_id + ":" + notice.event}});
}

bool is_gone(int status) { return status == 404 || status == 410; }

}  // namespace

Result<PushReader> read_push_reader(std::string_view p256dh, std::string_view auth) {
  const auto key = base::base64url_decode(p256dh);
  const auto secret = base::base64url_decode(auth);
  if (!key || !secret) return base::invalid("bad_key", "\"keys\" must be p256dh and auth in base64url.", "keys");
  PushReader reader{*key, *secret};
  OMAKASE_CHECK(encrypt_push("", reader));
  return reader;
}

Task<Result<void>> Browsers::load_key() {
  if (key_) co_return Result<void>();
  OMAKASE_CO_TRY(auto sealed, co_await services_.people.push_key());
  if (!sealed) {
    const std::string fresh = services_.secrets.seal(PushKey::make().private_key(), {"", store::kPushKeyName});
    OMAKASE_CO_TRY(sealed, co_await services_.people.set_push_key(fresh));
  }
  OMAKASE_CO_TRY(std::string bytes, services_.secrets.open(*sealed, {"", store::kPushKeyName}));
  auto key = PushKey::read(bytes);
  store::wipe(bytes);
  if (!key) co_return std::unexpected(std::move(key).error());
  key_ = *std::move(key);
  co_return Result<void>();
}

Task<Result<std::string>> Browsers::public_key() {
  OMAKASE_CO_CHECK(co_await load_key());
  co_return base::base64url(key_->public_key());
}

Task<> Browsers::tell(Notice notice, model::NewsKind kind) {
  // Who only reads cannot answer.
  const bool viewers = kind != model::NewsKind::kQuestion;
  const auto browsers = co_await services_.people.push_subscriptions_for(notice.project_id, viewers);
  if (!browsers || browsers->empty()) co_return;
  if (const auto loaded = co_await load_key(); !loaded) {
    base::log_error("browsers cannot be told: the key is not to be had", {{"error", loaded.error().detail}});
    co_return;
  }
  const std::string payload = payload_of(notice);
  const std::string topic = base::base64url(base::sha256(notice.run_id + ":" + notice.event)).substr(0, kTopicLength);
  for (const model::PushSubscription& browser : *browsers) {
    if (std::ranges::find(browser.kinds, kind) == browser.kinds.end()) continue;
    services_.tasks.spawn("push", deliver(payload, topic, !(kind == model::NewsKind::kTurn), browser));
  }
}

Task<> Browsers::deliver(std::string payload, std::string topic, bool urgent, model::PushSubscription browser) {
  Pauses pauses(services_.clock);
  for (;;) {
    const int status = co_await call(payload, topic, urgent, browser);
    if (status >= 200 && status < 300) {
      ++counts_.delivered;
      co_return;
    }
    if (is_gone(status)) {
      ++counts_.gone;
      // Also when it has been forgotten meanwhile.
      (void)co_await services_.people.remove_push_subscription(browser.user_id, browser.id);
      co_return;
    }
    if (!may_pass(status) || !co_await pauses.next()) break;
  }
  ++counts_.failed;
  base::log_warn("a browser was not told", {{"user", browser.user_id}, {"browser", browser.browser}});
}

Task<int> Browsers::call(const std::string& payload, const std::string& topic, bool urgent,
                         const model::PushSubscription& browser) {
  const auto reader = read_push_reader(browser.p256dh, browser.auth);
  if (!reader) co_return 400;
  auto body = encrypt_push(payload, *reader);
  if (!body) co_return 400;
  net::OutboundRequest request{.url = browser.endpoint, .body = *std::move(body), .head_limit = kHeadLimit};
  request.headers = {{"Content-Type", "application/octet-stream"},
                     {"Content-Encoding", "aes128gcm"},
                     {"TTL", "86400"},
                     {"Urgency", urgent ? "high" : "normal"},
                     {"Topic", topic},
                     {"Authorization", vapid_header(*key_, browser.endpoint, subject_, services_.clock.now())}};
  const auto answer = co_await services_.outbound.call(std::move(request));
  co_return answer ? (*answer)->status() : 0;
}

}  // namespace omakase::notify
