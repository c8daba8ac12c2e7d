#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"

namespace omakase::api {

namespace {

// Other sites' pages cannot use the cookie, and scripts cannot read it.
std::string cookie_header(const ApiOptions& options, const std::string& value, int max_age_seconds) {
  return options.cookie_name + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (options.secure_cookie ? "; Secure" : "") +
         "; Max-Age=" + std::to_string(max_age_seconds);
}

Task<Result<json::object>> me_json(Services& services, std::string user_id) {
  OMAKASE_CO_TRY(const auto user, co_await services.people.user(std::move(user_id)));
  if (!user) co_return base::not_found("user_not_found", "There is no person with this id.");
  co_return json::object{{"id", user->id}, {"name", user->name}, {"role", model::word(user->role)}};
}

Task<Result<net::Response>> show_me(Services& services, Call& call) {
  if (call.principal.kind == access::Principal::Kind::kRun) {
    co_return object_response(200, {{"id", call.principal.run_id}, {"name", "run"}, {"role", "run"}});
  }
  OMAKASE_CO_TRY(const json::object me, co_await me_json(services, call.principal.id));
  co_return object_response(200, me);
}

Task<Result<net::Response>> log_in(Services& services, const ApiOptions& options, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(std::string code, required_text(body, "code", 200));
  OMAKASE_CO_TRY(const access::LoggedIn logged_in, co_await services.gate.log_in(std::move(code)));
  OMAKASE_CO_TRY(json::object me, co_await me_json(services, logged_in.user_id));
  net::Response response = object_response(200, {{"user", std::move(me)}});
  response.with("Set-Cookie", cookie_header(options, logged_in.cookie, access::kLoginDays * 24 * 3600));
  co_return response;
}

Task<Result<net::Response>> log_out(Services& services, const ApiOptions& options, StreamDoor& door, Call& call) {
  OMAKASE_CO_CHECK(co_await services.gate.log_out(std::string(call.request.cookie(options.cookie_name))));
  const bool browser = call.principal.token_id.empty() && !call.principal.login.empty();
  if (browser) door.end(call.principal.login);
  net::Response response = net::empty_response(204);
  response.with("Set-Cookie", cookie_header(options, "", 0));
  co_return response;
}

// Whom a login code is for: the caller, unless an administrator names somebody, by id or by name.
Task<Result<std::string>> decode_person(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(const auto named, optional_text(body, "user", 200));
  if (!named || *named == call.principal.id) co_return call.principal.id;
  OMAKASE_CO_CHECK(check_administrator(call.principal, "user", "Only an administrator makes login links for others."));
  OMAKASE_CO_TRY(auto user, co_await services.people.user(*named));
  if (!user || user->deactivated_at) {
    OMAKASE_CO_TRY(user, co_await services.people.user_named(*named));
  }
  if (!user) co_return base::not_found("user_not_found", "There is no active person with this id or name.");
  co_return user->id;
}

Task<Result<net::Response>> new_login_code(Services& services, Call& call) {
  OMAKASE_CO_CHECK(check_signed_in_by_hand(call.principal));
  OMAKASE_CO_TRY(std::string user_id, co_await decode_person(services, call));
  OMAKASE_CO_TRY(const std::string code, co_await services.gate.new_login_code(std::move(user_id)));
  co_return object_response(201, {{"code", code}, {"expiresInSeconds", access::kLoginCodeMinutes * 60}});
}

}  // namespace

void add_login_endpoints(Router& router, Services& services, const ApiOptions& options, StreamDoor& door) {
  router.add(net::Method::kPost, "/api/login",
             {Access::kPublic, [&services, &options](Call& call) { return log_in(services, options, call); }});
  router.add(net::Method::kPost, "/api/logout",
             {Access::kPerson, [&](Call& call) { return log_out(services, options, door, call); }});
  router.add(net::Method::kGet, "/api/me", {Access::kViewerOrRun, [&services](Call& call) { return show_me(services, call); }});
  router.add(net::Method::kPost, "/api/login-codes",
             {Access::kPerson, [&services](Call& call) { return new_login_code(services, call); }});
}

}  // namespace omakase::api
