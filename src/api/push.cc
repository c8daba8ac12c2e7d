#include "model/push.h"

#include "api/api.h"
#include "api/decode.h"
#include "base/ids.h"
#include "base/text.h"
#include "notify/browsers.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxBrowser = 120;

// The key to subscribe with, and the caller's browsers.
Task<Result<net::Response>> read_push(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string key, co_await services.notifier.browsers().public_key());
  OMAKASE_CO_TRY(const auto browsers, co_await services.people.push_subscriptions(call.principal.id));
  json::array items;
  for (const model::PushSubscription& browser : browsers) items.push_back(model::to_json(browser));
  co_return object_response(200, {{"publicKey", key}, {"subscriptions", std::move(items)}});
}

Task<Result<net::Response>> subscribe(Services& services, const ApiOptions& options, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  model::PushSubscription subscription;
  OMAKASE_CO_TRY(subscription.endpoint, base::required_string(body, "endpoint"));
  OMAKASE_CO_CHECK(model::check_push_endpoint(subscription.endpoint, options.push_services));
  const json::object* keys = base::object_or_null(body, "keys");
  if (!keys) co_return base::invalid("required", "\"keys\" is required.", "keys");
  subscription.p256dh = base::string_or_empty(*keys, "p256dh");
  subscription.auth = base::string_or_empty(*keys, "auth");
  OMAKASE_CO_CHECK(notify::read_push_reader(subscription.p256dh, subscription.auth));
  OMAKASE_CO_TRY(subscription.kinds, decode_news_kinds(body));
  subscription.user_id = call.principal.id;
  subscription.browser = base::utf8_prefix(base::scrub_utf8(call.request.header("User-Agent")), kMaxBrowser);
  subscription.created_at = services.clock.now();
  subscription.id = base::new_ulid(subscription.created_at);
  OMAKASE_CO_TRY(subscription, co_await services.people.add_push_subscription(std::move(subscription)));
  co_return object_response(201, model::to_json(subscription));
}

Task<Result<net::Response>> unsubscribe(Services& services, Call& call) {
  OMAKASE_CO_TRY(const bool removed,
                 co_await services.people.remove_push_subscription(call.principal.id, call.parameters["subscriptionId"]));
  if (!removed) co_return base::not_found("subscription_not_found", "You have no subscription with this id.");
  co_return net::empty_response(204);
}

}  // namespace

void add_push_endpoints(Router& router, Services& services, const ApiOptions& options) {
  router.add(net::Method::kGet, "/api/push", {Access::kPerson, [&services](Call& call) { return read_push(services, call); }});
  router.add(net::Method::kPost, "/api/push/subscriptions",
             {Access::kPerson, [&services, &options](Call& call) { return subscribe(services, options, call); }});
  router.add(net::Method::kDelete, "/api/push/subscriptions/:subscriptionId",
             {Access::kPerson, [&services](Call& call) { return unsubscribe(services, call); }});
}

}  // namespace omakase::api
