#include "api/api.h"
#include "api/decode.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxNote = std::size_t{64} * 1024;

Task<Result<net::Response>> list_permissions(Services& services, Call& call) {
  OMAKASE_CO_TRY(const auto run, co_await services.log.run(call.parameters["runId"]));
  if (!run) co_return base::not_found("run_not_found", "There is no run with this id.");
  const bool pending_only = call.request.parameter("includeAnswered") != "true";
  OMAKASE_CO_TRY(const auto permissions, co_await services.log.permissions(run->id, pending_only));
  json::array items;
  for (const model::Permission& permission : permissions) items.push_back(model::to_json(permission));
  co_return list_response(std::move(items), std::nullopt);
}

Result<agents::ConsentAnswer> decode_answer(const json::object& body) {
  agents::ConsentAnswer answer;
  OMAKASE_TRY(const std::string behavior, base::required_string(body, "behavior"));
  if (behavior != "allow" && behavior != "deny") {
    return base::invalid("invalid_behavior", "\"behavior\" must be \"allow\" or \"deny\".", "behavior");
  }
  answer.allow = behavior == "allow";
  OMAKASE_TRY(const auto scope, base::optional_string(body, "scope"));
  if (scope) {
    const auto parsed = model::parse_permission_scope(*scope);
    if (!parsed) return base::invalid("invalid_scope", "\"scope\" must be once, session or command.", "scope");
    answer.scope = *parsed;
  }
  OMAKASE_TRY(answer.message, optional_text(body, "message", kMaxNote));
  if (const json::value* answers = body.if_contains("answers"); answers && !answers->is_null()) {
    const json::object* object = answers->if_object();
    if (!object) return base::invalid("invalid_type", "\"answers\" must be an object.", "answers");
    answer.answers = *object;
  }
  return answer;
}

Task<Result<net::Response>> answer_permission(Services& services, Call& call) {
  const std::string run_id = call.parameters["runId"];
  const std::string request_id = call.parameters["requestId"];
  OMAKASE_CO_TRY(const auto run, co_await services.log.run(run_id));
  if (!run) co_return base::not_found("run_not_found", "There is no run with this id.");
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(auto answer, decode_answer(body));
  const auto answered = co_await services.sessions.answer(run_id, request_id, std::move(answer));
  if (answered) co_return object_response(200, model::to_json(*answered));
  if (answered.error().code != "already_answered") co_return std::unexpected(answered.error());
  // Who comes second is told what the first one said.
  OMAKASE_CO_TRY(const auto stored, co_await services.log.permission(run_id, request_id));
  json::object more;
  if (stored) more["permission"] = model::to_json(*stored);
  co_return net::problem(answered.error(), more);
}

}  // namespace

void add_permission_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/api/agent-runs/:runId/permissions",
             {Access::kViewer, [&services](Call& call) { return list_permissions(services, call); }});
  router.add(net::Method::kPost, "/api/agent-runs/:runId/permissions/:requestId",
             {Access::kDeveloper, [&services](Call& call) { return answer_permission(services, call); }});
}

}  // namespace omakase::api
