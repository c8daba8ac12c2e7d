#include "api/api.h"

#include <algorithm>

#include "api/decode.h"
#include "api/reach.h"
#include "assets/assets.h"
#include "base/log.h"
#include "base/text.h"

namespace omakase::api {

namespace {

bool is_api(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

bool may_have_body(net::Method method) {
  return method == net::Method::kPost || method == net::Method::kPut || method == net::Method::kPatch;
}

Result<void> check_content_type(const net::Request& request, Body body) {
  if (!may_have_body(request.method) || request.body.empty()) return {};
  if (body == Body::kFile) {
    if (base::equal_ignoring_case(media_type(request), "application/octet-stream")) return {};
    return base::fail(base::ErrorKind::kUnsupportedMediaType, "unsupported_media_type",
                      "The file must be sent as application/octet-stream; what it is is seen by its bytes.", "body");
  }
  if (base::equal_ignoring_case(media_type(request), "application/json")) return {};
  if (body == Body::kJsonOrText && is_text(request)) return {};
  return base::fail(
      base::ErrorKind::kUnsupportedMediaType, "unsupported_media_type",
      "The body must be sent as application/json" + std::string(body == Body::kJsonOrText ? " or text/plain." : "."), "body");
}

std::string bearer_of(const net::Request& request) {
  const std::string_view value = request.header("Authorization");
  if (value.size() <= 7 || !base::equal_ignoring_case(value.substr(0, 7), "Bearer ")) return {};
  return std::string(base::trim(value.substr(7)));
}

// 405 names what the path does take.
net::Response method_not_allowed(const std::vector<net::Method>& allowed) {
  net::Response response =
      net::problem({base::ErrorKind::kMethodNotAllowed, "method_not_allowed", "This address does not take that method.", {}});
  std::string names;
  for (net::Method method : allowed) names += (names.empty() ? "" : ", ") + std::string(net::text(method));
  return std::move(response.with("Allow", names));
}

void add_safety_headers(net::Response& response) {
  response.fixed_headers =
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\n"
      "Content-Security-Policy: default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
      "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'\r\n";
  const bool cached = std::ranges::any_of(response.headers, [](const auto& header) { return header.first == "Cache-Control"; });
  if (!cached) response.with("Cache-Control", "no-store");
}

}  // namespace

Api::Api(Services services, ApiOptions options)
    : services_(std::move(services)),
      options_(std::move(options)),
      door_(services_.feed, services_.gate, options_.streams),
      rate_(options_.requests_per_second.most) {
  add_health_endpoints(router_, services_);
  add_login_endpoints(router_, services_, options_, door_);
  add_user_endpoints(router_, services_, door_);
  add_member_endpoints(router_, services_, door_);
  add_token_endpoints(router_, services_, door_);
  add_message_endpoints(router_, services_);
  add_stream_endpoints(router_, services_, options_, door_);
  add_run_endpoints(router_, services_);
  add_thread_endpoints(router_, services_);
  add_project_endpoints(router_, services_);
  add_variable_endpoints(router_, services_);
  add_agent_endpoints(router_, services_);
  add_work_session_endpoints(router_, services_);
  add_changes_endpoints(router_, services_);
  add_log_endpoints(router_, services_);
  add_unread_endpoints(router_, services_);
  add_search_endpoints(router_, services_);
  add_attachment_endpoints(router_, services_);
  add_webhook_endpoints(router_, services_);
  add_push_endpoints(router_, services_, options_);
  add_export_endpoints(router_, services_);
  add_permission_endpoints(router_, services_);
}

// A page of another site must not drive this server: its requests carry another Host (DNS rebinding), an Origin of its own, or
// are marked by the browser as coming from elsewhere.
Result<void> Api::check_origin(const net::Request& request) const {
  const std::string_view host = request.header("Host");
  if (std::ranges::find(options_.hosts, host) == options_.hosts.end()) {
    return base::fail(base::ErrorKind::kMisdirected, "foreign_host", "This server does not answer for the host of this request.");
  }
  if (const std::string_view origin = request.header("Origin"); !origin.empty()) {
    const std::string_view scheme_end = "://";
    const std::size_t at = origin.find(scheme_end);
    const bool own = at != std::string_view::npos && (origin.substr(0, at) == "http" || origin.substr(0, at) == "https") &&
                     origin.substr(at + scheme_end.size()) == host;
    if (!own) return base::fail(base::ErrorKind::kForbidden, "foreign_origin", "Requests from pages of other sites are refused.");
  }
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (is_api(request.path) && (site == "cross-site" || site == "same-site")) {
    return base::fail(base::ErrorKind::kForbidden, "foreign_origin", "Requests from pages of other sites are refused.");
  }
  return {};
}

// Only of who is known: strangers are counted by their address.
Result<void> Api::check_rate(const std::string& credential, bool local) {
  if (local && !options_.requests_per_second.for_local_too) return {};
  if (rate_.take(std::hash<std::string>()(credential), net::RateLimit::Clock::now())) return {};
  return base::fail(base::ErrorKind::kTooManyRequests, "rate_limited",
                    "Too many requests come with this token or login. Try again in a second.");
}

Task<Result<net::Response>> Api::dispatch(net::Request& request) {
  OMAKASE_CO_CHECK(check_origin(request));
  const Router::Match match = router_.find(request.method, request.path);
  if (!match.action && !is_api(request.path)) {
    if (!match.allowed.empty()) co_return method_not_allowed(match.allowed);
    if (request.method != net::Method::kGet && request.method != net::Method::kHead)
      co_return method_not_allowed({net::Method::kGet, net::Method::kHead});
    co_return assets::serve(request);
  }
  Call call{request, match.parameters, {}};
  if (!match.action || match.action->access != Access::kPublic) {
    const std::string bearer = bearer_of(request);
    const std::string cookie(request.cookie(options_.cookie_name));
    OMAKASE_CO_TRY(call.principal, co_await services_.gate.identify(bearer, cookie));
    if (call.principal.kind == access::Principal::Kind::kNobody) {
      co_return base::fail(base::ErrorKind::kUnauthorized, "not_signed_in",
                           "Sign in with a login link (`omakase login-link` prints one) or send a bearer token.");
    }
    OMAKASE_CO_CHECK(check_rate(bearer.empty() ? cookie : bearer, request.local));
  }
  if (!match.action) {
    if (!match.allowed.empty()) co_return method_not_allowed(match.allowed);
    co_return base::not_found("no_such_address", "There is nothing at this address.");
  }
  OMAKASE_CO_CHECK(check_access(match.action->access, call.principal));
  OMAKASE_CO_CHECK(co_await check_reach(services_, call));
  OMAKASE_CO_CHECK(check_content_type(request, match.action->body));
  co_return co_await match.action->action(call);
}

std::size_t Api::larger_body(const net::Request& head) const {
  const Router::Match match = router_.find(head.method, head.path);
  return match.action && match.action->body == Body::kFile ? kMaxFileBytes : 0;
}

Task<net::Response> Api::handle(net::Request& request) {
  auto result = co_await dispatch(request);
  if (!result && net::status_of(result.error().kind) == 500) {
    base::log_error("request failed",
                    {{"request", request.request_id}, {"path", request.path}, {"error", result.error().detail}});
  }
  net::Response response = result ? *std::move(result) : net::problem(result.error());
  if (response.status == 401) response.with("WWW-Authenticate", "Bearer");
  add_safety_headers(response);
  co_return response;
}

}  // namespace omakase::api
