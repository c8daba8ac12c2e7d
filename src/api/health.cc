#include "api/api.h"
#include "api/decode.h"
#include "assets/assets.h"

namespace omakase::api {

namespace {

Task<Result<net::Response>> ready(Services& services) {
  if (services.healthy()) co_return object_response(200, {{"status", "ready"}});
  co_return base::fail(base::ErrorKind::kUnavailable, "store_unavailable",
                       "The store failed to write and is read-only until the server is restarted.");
}

Task<Result<net::Response>> doctor(Services& services) { co_return object_response(200, co_await services.doctor()); }

}  // namespace

void add_health_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/healthz",
             {Access::kPublic, [](Call&) -> Task<Result<net::Response>> { co_return object_response(200, {{"status", "ok"}}); }});
  router.add(net::Method::kGet, "/readyz", {Access::kPublic, [&services](Call&) { return ready(services); }});
  router.add(net::Method::kGet, "/openapi.json",
             {Access::kPublic, [](Call& call) -> Task<Result<net::Response>> { co_return assets::serve_openapi(call.request); }});
  router.add(net::Method::kGet, "/api/doctor", {Access::kAdministrator, [&services](Call&) { return doctor(services); }});
}

}  // namespace omakase::api
