// The people of this server: who there is, with which role, and their invitations.
#include <algorithm>

#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "base/ids.h"
#include "base/text.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxName = 100;

base::Failure user_not_found() { return base::not_found("user_not_found", "There is no person with this id."); }

// Their access is that of the machine: they sign in with `omakase login-link` whatever is stored of them.
base::Failure is_operator() {
  return base::conflict("operator", "The first administrator is whoever runs the server, and stays one.");
}

Result<std::optional<std::string>> decode_name(const json::object& body) {
  OMAKASE_TRY(const auto name, optional_text(body, "name", kMaxName));
  if (!name) return std::nullopt;
  const bool control = std::ranges::any_of(*name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (control) return base::invalid("invalid_name", "\"name\" must be one line.", "name");
  return std::string(base::trim(*name));
}

Result<std::optional<model::UserRole>> decode_role(const json::object& body) {
  OMAKASE_TRY(const auto text, base::optional_string(body, "role"));
  if (!text) return std::nullopt;
  const auto role = model::parse_user_role(*text);
  if (!role) return base::invalid("invalid_role", "\"role\" must be admin, developer or viewer.", "role");
  return role;
}

Task<Result<net::Response>> list_users(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::size_t limit, page_limit(call.request));
  OMAKASE_CO_TRY(const auto after, time_parameter(call.request, "cursor"));
  OMAKASE_CO_TRY(auto users, co_await services.people.users(after, limit + 1));
  std::optional<base::Timestamp> next;
  if (users.size() > limit) {
    users.pop_back();
    next = users.back().created_at;
  }
  json::array items;
  for (const model::User& user : users) items.push_back(model::to_json(user));
  co_return list_response(std::move(items), next);
}

Task<Result<net::Response>> add_user(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(const auto name, decode_name(body));
  OMAKASE_CO_TRY(const auto role, decode_role(body));
  if (!name) co_return base::invalid("required", "\"name\" is required.", "name");
  if (!role) co_return base::invalid("required", "\"role\" is required.", "role");
  const base::Timestamp now = services.clock.now();
  model::User user{.id = base::new_ulid(now), .name = *name, .role = *role, .created_at = now};
  OMAKASE_CO_TRY(user, co_await services.people.add_user(std::move(user)));
  co_return object_response(201, model::to_json(user));
}

Task<Result<model::User>> set_active(Services& services, StreamDoor& door, std::string id, bool active) {
  if (id == model::kOperatorId) co_return is_operator();
  OMAKASE_CO_TRY(const auto user, co_await services.gate.set_active(id, active));
  if (!user) co_return user_not_found();
  door.end_streams_of(id);
  co_return *user;
}

Task<Result<net::Response>> change_user(Services& services, StreamDoor& door, Call& call) {
  const std::string id = call.parameters["userId"];
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  store::UserPatch patch;
  OMAKASE_CO_TRY(patch.name, decode_name(body));
  OMAKASE_CO_TRY(patch.role, decode_role(body));
  OMAKASE_CO_TRY(const auto active, base::optional_bool(body, "active"));
  if (!patch.name && !patch.role && !active) {
    co_return base::invalid("required", "Give at least one of \"name\", \"role\" and \"active\".", "name");
  }
  if (patch.role && *patch.role != model::UserRole::kAdmin && id == model::kOperatorId) co_return is_operator();
  const bool loses = patch.role.has_value();
  OMAKASE_CO_TRY(auto user, co_await services.gate.change_user(id, std::move(patch)));
  if (!user) co_return user_not_found();
  if (loses) door.end_streams_of(id);
  if (active) {
    OMAKASE_CO_TRY(user, co_await set_active(services, door, id, *active));
  }
  co_return object_response(200, model::to_json(*user));
}

Task<Result<net::Response>> deactivate_user(Services& services, StreamDoor& door, Call& call) {
  OMAKASE_CO_TRY(const model::User user, co_await set_active(services, door, call.parameters["userId"], false));
  co_return object_response(200, model::to_json(user));
}

Task<Result<net::Response>> invite_user(Services& services, Call& call) {
  OMAKASE_CO_CHECK(check_signed_in_by_hand(call.principal));
  OMAKASE_CO_TRY(const auto user, co_await services.people.user(call.parameters["userId"]));
  if (!user) co_return user_not_found();
  if (user->deactivated_at) co_return base::conflict("deactivated", "Bring this person back before you invite them.");
  OMAKASE_CO_TRY(const std::string code, co_await services.gate.invite(user->id));
  co_return object_response(201, {{"code", code}, {"expiresInSeconds", access::kInvitationDays * 24 * 3600}});
}

}  // namespace

void add_user_endpoints(Router& router, Services& services, StreamDoor& door) {
  router.add(net::Method::kGet, "/api/users",
             {Access::kDeveloper, [&services](Call& call) { return list_users(services, call); }});
  router.add(net::Method::kPost, "/api/users",
             {Access::kAdministrator, [&services](Call& call) { return add_user(services, call); }});
  router.add(net::Method::kPatch, "/api/users/:userId",
             {Access::kAdministrator, [&](Call& call) { return change_user(services, door, call); }});
  router.add(net::Method::kDelete, "/api/users/:userId",
             {Access::kAdministrator, [&](Call& call) { return deactivate_user(services, door, call); }});
  router.add(net::Method::kPost, "/api/users/:userId/invite",
             {Access::kAdministrator, [&services](Call& call) { return invite_user(services, call); }});
}

}  // namespace omakase::api
