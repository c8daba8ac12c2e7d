#include "api/api.h"
#include "api/decode.h"
#include "base/ids.h"

namespace omakase::api {

namespace {

constexpr std::size_t kSecretBytes = 24;

Task<Result<std::string>> project_of(Services& services, const Call& call) {
  std::string id = call.parameters["projectId"];
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  co_return id;
}

json::value webhook_json(const std::optional<model::Webhook>& webhook) {
  return webhook ? json::value(model::to_json(*webhook)) : json::value(nullptr);
}

Task<Result<net::Response>> read_webhook(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const auto webhook, co_await services.catalog.webhook(project_id));
  co_return object_response(200, {{"webhook", webhook_json(webhook)}});
}

// A new secret is told this once.
Task<Result<net::Response>> set_webhook(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(const std::string url, required_text(body, "url", model::kMaxWebhookUrl));
  OMAKASE_CO_CHECK(model::check_webhook_url(url));
  OMAKASE_CO_TRY(auto kinds, decode_news_kinds(body));
  OMAKASE_CO_TRY(const auto renewed, base::optional_bool(body, "newSecret"));
  OMAKASE_CO_TRY(auto webhook, co_await services.catalog.webhook(project_id));
  const bool new_secret = !webhook || renewed.value_or(false);
  if (!webhook) webhook = model::Webhook{.created_at = services.clock.now()};
  webhook->url = url;
  webhook->kinds = std::move(kinds);
  json::value told = nullptr;
  if (new_secret) {
    const std::string secret = "omw_" + base::new_secret(kSecretBytes);
    webhook->sealed_secret = services.secrets.seal(secret, {project_id, store::kWebhookSecretName});
    told = json::value(secret);
  }
  OMAKASE_CO_CHECK(co_await services.catalog.set_webhook(project_id, *webhook));
  co_return object_response(200, {{"webhook", webhook_json(webhook)}, {"secret", std::move(told)}});
}

Task<Result<net::Response>> delete_webhook(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const bool deleted, co_await services.catalog.delete_webhook(project_id));
  if (!deleted) co_return base::not_found("webhook_not_found", "The project has no webhook.");
  co_return net::empty_response(204);
}

Task<Result<net::Response>> test_webhook(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_CHECK(co_await services.notifier.test(project_id));
  OMAKASE_CO_TRY(const auto webhook, co_await services.catalog.webhook(project_id));
  co_return object_response(200, {{"webhook", webhook_json(webhook)}});
}

}  // namespace

void add_webhook_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/api/projects/:projectId/webhook",
             {Access::kAdministrator, [&services](Call& call) { return read_webhook(services, call); }});
  router.add(net::Method::kPut, "/api/projects/:projectId/webhook",
             {Access::kAdministrator, [&services](Call& call) { return set_webhook(services, call); }});
  router.add(net::Method::kDelete, "/api/projects/:projectId/webhook",
             {Access::kAdministrator, [&services](Call& call) { return delete_webhook(services, call); }});
  router.add(net::Method::kPost, "/api/projects/:projectId/webhook/test",
             {Access::kAdministrator, [&services](Call& call) { return test_webhook(services, call); }});
}

}  // namespace omakase::api
