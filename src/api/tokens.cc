// The tokens of the caller's programs: each person sees and makes only their own.
#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "base/text.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxName = 100;

Task<Result<net::Response>> list_tokens(Services& services, Call& call) {
  OMAKASE_CO_TRY(const auto tokens, co_await services.gate.tokens_of(call.principal.id));
  json::array items;
  for (const model::UserToken& token : tokens) items.push_back(model::to_json(token));
  co_return list_response(std::move(items), std::nullopt);
}

Result<std::optional<base::Timestamp>> decode_expiry(const json::object& body, base::Timestamp now) {
  OMAKASE_TRY(const auto text, base::optional_string(body, "expiresAt"));
  if (!text) return std::nullopt;
  const auto expires_at = base::parse_timestamp(*text);
  if (!expires_at || *expires_at <= now) {
    return base::invalid("invalid_timestamp", "\"expiresAt\" must be a time to come, such as 2099-01-31T09:05:07.000123Z.",
                         "expiresAt");
  }
  return expires_at;
}

Task<Result<net::Response>> add_token(Services& services, Call& call) {
  OMAKASE_CO_CHECK(check_signed_in_by_hand(call.principal));
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(const std::string name, required_text(body, "name", kMaxName));
  OMAKASE_CO_TRY(const auto expires_at, decode_expiry(body, services.clock.now()));
  OMAKASE_CO_TRY(const auto made, co_await services.gate.new_token(call.principal.id, std::string(base::trim(name)), expires_at));
  co_return object_response(201, {{"token", model::to_json(made.token)}, {"secret", made.secret}});
}

Task<Result<net::Response>> revoke_token(Services& services, StreamDoor& door, Call& call) {
  OMAKASE_CO_TRY(const auto token, co_await services.gate.revoke_token(call.principal.id, call.parameters["tokenId"]));
  if (!token) co_return base::not_found("token_not_found", "You have no token with this id.");
  door.end(token->hash);
  co_return net::empty_response(204);
}

}  // namespace

void add_token_endpoints(Router& router, Services& services, StreamDoor& door) {
  router.add(net::Method::kGet, "/api/tokens",
             {Access::kPerson, [&services](Call& call) { return list_tokens(services, call); }});
  router.add(net::Method::kPost, "/api/tokens", {Access::kPerson, [&services](Call& call) { return add_token(services, call); }});
  router.add(net::Method::kDelete, "/api/tokens/:tokenId",
             {Access::kPerson, [&](Call& call) { return revoke_token(services, door, call); }});
}

}  // namespace omakase::api
