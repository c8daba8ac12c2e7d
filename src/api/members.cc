// Who is a member of a project. Administrators see every project without being one.
#include "api/api.h"
#include "api/decode.h"

namespace omakase::api {

namespace {

Task<Result<std::string>> project_of(Services& services, const Call& call) {
  std::string id = call.parameters["projectId"];
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  co_return id;
}

Task<Result<net::Response>> list_members(Services& services, Call& call) {
  OMAKASE_CO_TRY(std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const auto members, co_await services.people.members(std::move(project_id)));
  json::array items;
  for (const model::User& member : members) items.push_back(model::to_json(member));
  co_return list_response(std::move(items), std::nullopt);
}

Task<Result<net::Response>> add_member(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(const std::string user_id, required_id(body, "userId"));
  OMAKASE_CO_TRY(std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const auto user, co_await services.people.user(user_id));
  if (!user || user->deactivated_at) co_return base::not_found("user_not_found", "There is no active person with this id.");
  OMAKASE_CO_TRY(const bool added, co_await services.gate.add_member(std::move(project_id), user_id));
  co_return object_response(added ? 201 : 200, model::to_json(*user));
}

Task<Result<net::Response>> remove_member(Services& services, StreamDoor& door, Call& call) {
  const std::string user_id = call.parameters["userId"];
  OMAKASE_CO_TRY(std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const bool removed, co_await services.gate.remove_member(std::move(project_id), user_id));
  if (!removed) co_return base::not_found("member_not_found", "This person is no member of the project.");
  door.end_streams_of(user_id);
  co_return net::empty_response(204);
}

}  // namespace

void add_member_endpoints(Router& router, Services& services, StreamDoor& door) {
  router.add(net::Method::kGet, "/api/projects/:projectId/members",
             {Access::kViewer, [&services](Call& call) { return list_members(services, call); }});
  router.add(net::Method::kPost, "/api/projects/:projectId/members",
             {Access::kDeveloper, [&services](Call& call) { return add_member(services, call); }});
  router.add(net::Method::kDelete, "/api/projects/:projectId/members/:userId",
             {Access::kDeveloper, [&](Call& call) { return remove_member(services, door, call); }});
}

}  // namespace omakase::api
