#include "api/api.h"
#include "api/decode.h"
#include "assets/assets.h"

namespace omakase::api {

namespace {

Task<Result<net::Response>> ready(Services& services) {
  OMAKASE_CO_CHECK(services.ready());
  co_return object_response(200, {{"status", "ready"}});
}

Task<Result<net::Response>> metrics(Services& services) {
  net::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = services.metrics();
  co_return response;
}

Task<Result<net::Response>> doctor(Services& services) { co_return object_response(200, co_await services.doctor()); }

}  // namespace

void add_health_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/healthz",
             {Access::kPublic, [](Call&) -> Task<Result<net::Response>> { co_return object_response(200, {{"status", "ok"}}); }});
  router.add(net::Method::kGet, "/readyz", {Access::kPublic, [&services](Call&) { return ready(services); }});
  router.add(net::Method::kGet, "/metrics", {Access::kAdministrator, [&services](Call&) { return metrics(services); }});
  router.add(net::Method::kGet, "/openapi.json",
             {Access::kPublic, [](Call& call) -> Task<Result<net::Response>> { co_return assets::serve_openapi(call.request); }});
  router.add(net::Method::kGet, "/api/doctor", {Access::kAdministrator, [&services](Call&) { return doctor(services); }});
}

}  // namespace omakase::api
