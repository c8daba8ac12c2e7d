#include "api/api.h"
#include "api/decode.h"

namespace omakase::api {

namespace {

json::object user_json(const access::Principal& principal) {
  if (principal.kind == access::Principal::Kind::kRun) return {{"id", principal.run_id}, {"name", "run"}, {"role", "run"}};
  return {{"id", "admin"}, {"name", "You"}, {"role", "administrator"}};
}

// Other sites' pages cannot use the cookie, and scripts cannot read it.
std::string cookie_header(const ApiOptions& options, const std::string& value, int max_age_seconds) {
  return options.cookie_name + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (options.secure_cookie ? "; Secure" : "") +
         "; Max-Age=" + std::to_string(max_age_seconds);
}

Task<Result<net::Response>> log_in(Services& services, const ApiOptions& options, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(std::string code, required_text(body, "code", 200));
  OMAKASE_CO_TRY(const std::string cookie, co_await services.gate.log_in(std::move(code)));
  const access::Principal administrator{access::Principal::Kind::kAdministrator, "admin", {}};
  net::Response response = object_response(200, {{"user", user_json(administrator)}});
  response.with("Set-Cookie", cookie_header(options, cookie, access::kLoginDays * 24 * 3600));
  co_return response;
}

Task<Result<net::Response>> log_out(Services& services, const ApiOptions& options, StreamDoor& door, Call& call) {
  OMAKASE_CO_CHECK(co_await services.gate.log_out(std::string(call.request.cookie(options.cookie_name))));
  if (!call.principal.login.empty()) door.end(call.principal.login);
  net::Response response = net::empty_response(204);
  response.with("Set-Cookie", cookie_header(options, "", 0));
  co_return response;
}

Task<Result<net::Response>> new_login_code(Services& services) {
  OMAKASE_CO_TRY(const std::string code, co_await services.gate.new_login_code());
  co_return object_response(201, {{"code", code}, {"expiresInSeconds", access::kLoginCodeMinutes * 60}});
}

}  // namespace

void add_login_endpoints(Router& router, Services& services, const ApiOptions& options, StreamDoor& door) {
  router.add(net::Method::kPost, "/api/login",
             {Access::kPublic, [&services, &options](Call& call) { return log_in(services, options, call); }});
  router.add(net::Method::kPost, "/api/logout",
             {Access::kAdministrator, [&](Call& call) { return log_out(services, options, door, call); }});
  router.add(net::Method::kGet, "/api/me", {Access::kRun, [](Call& call) -> Task<Result<net::Response>> {
                                              co_return object_response(200, user_json(call.principal));
                                            }});
  router.add(net::Method::kPost, "/api/login-codes",
             {Access::kAdministrator, [&services](Call&) { return new_login_code(services); }});
}

}  // namespace omakase::api
