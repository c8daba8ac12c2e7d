// A project's variables, whose values go in and never come out, and its consents for good.
#include "api/api.h"
#include "api/decode.h"
#include "model/variable_name.h"
#include "store/secret_box.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxValue = 32 * 1024;

// The id of the project that a call is about, which exists.
Task<Result<std::string>> project_of(Services& services, const Call& call) {
  std::string id = call.parameters["projectId"];
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  co_return id;
}

Result<std::string> decode_value(const json::object& body) {
  OMAKASE_TRY(std::string value, base::required_string(body, "value"));
  if (value.size() > kMaxValue) {
    return base::fail(base::ErrorKind::kTooLarge, "content_too_large", "\"value\" is larger than 32 KiB.", "value");
  }
  if (value.contains('\0')) return base::invalid("invalid_value", "\"value\" must not contain NUL.", "value");
  return value;
}

Task<Result<net::Response>> list_variables(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const auto variables, co_await services.catalog.variables(project_id));
  json::array items;
  for (const model::Variable& variable : variables) items.push_back(model::to_json(variable));
  co_return list_response(std::move(items), std::nullopt);
}

Task<Result<net::Response>> set_variable(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  const std::string name = call.parameters["name"];
  OMAKASE_CO_CHECK(model::check_variable_name(name));
  OMAKASE_CO_TRY(std::string value, decode_value(body));
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  model::Variable variable{
      .name = name, .sealed_value = services.secrets.seal(value, {project_id, name}), .updated_at = services.clock.now()};
  store::wipe(value);
  OMAKASE_CO_TRY(variable, co_await services.catalog.set_variable(project_id, std::move(variable)));
  co_return object_response(200, model::to_json(variable));
}

Task<Result<net::Response>> delete_variable(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const bool deleted, co_await services.catalog.delete_variable(project_id, call.parameters["name"]));
  if (!deleted) co_return base::not_found("variable_not_found", "The project has no variable with this name.");
  co_return net::empty_response(204);
}

Task<Result<net::Response>> list_rules(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const auto rules, co_await services.catalog.permission_rules(project_id));
  json::array items;
  for (const model::PermissionRule& rule : rules) items.push_back(model::to_json(rule));
  co_return list_response(std::move(items), std::nullopt);
}

Task<Result<net::Response>> delete_rule(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::string project_id, co_await project_of(services, call));
  OMAKASE_CO_TRY(const bool deleted, co_await services.catalog.delete_permission_rule(project_id, call.parameters["ruleId"]));
  if (!deleted) co_return base::not_found("rule_not_found", "The project has no such rule.");
  co_return net::empty_response(204);
}

}  // namespace

void add_variable_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/api/projects/:projectId/variables",
             {Access::kViewer, [&services](Call& call) { return list_variables(services, call); }});
  router.add(net::Method::kPut, "/api/projects/:projectId/variables/:name",
             {Access::kDeveloper, [&services](Call& call) { return set_variable(services, call); }});
  router.add(net::Method::kDelete, "/api/projects/:projectId/variables/:name",
             {Access::kDeveloper, [&services](Call& call) { return delete_variable(services, call); }});
  router.add(net::Method::kGet, "/api/projects/:projectId/permission-rules",
             {Access::kViewer, [&services](Call& call) { return list_rules(services, call); }});
  router.add(net::Method::kDelete, "/api/projects/:projectId/permission-rules/:ruleId",
             {Access::kDeveloper, [&services](Call& call) { return delete_rule(services, call); }});
}

}  // namespace omakase::api
