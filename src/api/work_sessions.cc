#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"

namespace omakase::api {

namespace {

Task<Result<net::Response>> start_session(Services& services, Call& call) {
  if (!model::find_agent(call.parameters["agentName"]))
    co_return base::not_found("agent_not_found", "There is no agent with this name.");
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  agents::WorkSessions::Start start;
  start.agent_name = call.parameters["agentName"];
  OMAKASE_CO_TRY(start.project_id, required_id(body, "projectId"));
  OMAKASE_CO_TRY(start.thread_id, optional_id(body, "threadId"));
  OMAKASE_CO_CHECK(co_await check_project(services, call.principal, start.project_id));
  if (start.thread_id) OMAKASE_CO_CHECK(co_await check_thread(services, call.principal, *start.thread_id));
  OMAKASE_CO_TRY(start.prompt, optional_text(body, "prompt", model::kMaxContentBytes));
  OMAKASE_CO_TRY(start.message_id, optional_id(body, "id"));
  start.author = author_of(call.principal);
  OMAKASE_CO_TRY(start.permission_mode, optional_permission_mode(body));
  OMAKASE_CO_TRY(start.model, optional_model(body));
  OMAKASE_CO_TRY(const auto started, co_await services.sessions.start(std::move(start)));
  co_return object_response(
      started.existing ? 200 : 201,
      {{"runId", started.run.id}, {"threadId", started.thread_id}, {"status", started.existing ? "existing" : "started"}});
}

Task<Result<net::Response>> active_session(Services& services, Call& call) {
  const auto thread_id = call.request.parameter("threadId");
  if (!thread_id || thread_id->empty()) co_return base::invalid("required", "\"threadId\" is required.", "threadId");
  if (!model::find_agent(call.parameters["agentName"]))
    co_return base::not_found("agent_not_found", "There is no agent with this name.");
  OMAKASE_CO_CHECK(co_await check_thread(services, call.principal, *thread_id));
  OMAKASE_CO_TRY(const auto run, co_await services.log.active_run_of_thread(*thread_id));
  if (!run || !model::is_session(run->kind) || run->agent_name != call.parameters["agentName"]) {
    co_return object_response(200, {{"active", false}});
  }
  co_return object_response(200, {{"active", true}, {"runId", run->id}});
}

json::object session_json(const Services& services, const model::Run& run) {
  const agents::SessionOptions& options = services.sessions.options();
  json::object object{{"runId", run.id},
                      {"agentName", run.agent_name},
                      {"projectId", run.project_id},
                      {"threadId", run.thread_id ? json::value(*run.thread_id) : json::value(nullptr)},
                      {"run", model::to_json(run, services.feed.presence(run.id))},
                      {"mode", run.kind == model::RunKind::kChat ? "chat" : "work"},
                      {"permissionMode", model::word(run.permission_mode)},
                      {"sandbox", options.sandbox},
                      {"modelAccess", options.model_access}};
  if (run.cost_usd) object["costUsd"] = *run.cost_usd;
  if (const auto known = services.sessions.describe(run.id)) {
    for (const auto& [key, value] : *known) object[key] = value;
  }
  return object;
}

Task<Result<net::Response>> list_sessions(Services& services, Call& call) {
  if (!model::find_agent(call.parameters["agentName"]))
    co_return base::not_found("agent_not_found", "There is no agent with this name.");
  OMAKASE_CO_TRY(auto runs, co_await services.log.active_runs(model::RunKind::kWorkSession));
  json::array items;
  OMAKASE_CO_TRY(const auto chats, co_await services.log.active_runs(model::RunKind::kChat));
  runs.insert(runs.end(), chats.begin(), chats.end());
  for (const model::Run& run : runs) {
    if (run.agent_name != call.parameters["agentName"]) continue;
    OMAKASE_CO_TRY(const bool sees, co_await services.gate.sees(call.principal, run.project_id));
    if (sees) items.push_back(session_json(services, run));
  }
  co_return list_response(std::move(items), std::nullopt);
}

Task<Result<model::Run>> find_session(Services& services, Call& call) {
  OMAKASE_CO_TRY(auto run, co_await services.log.run(call.parameters["runId"]));
  if (!run || !model::is_session(run->kind))
    co_return base::not_found("session_not_found", "There is no work session with this id.");
  co_return *std::move(run);
}

Task<Result<net::Response>> show_session(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Run run, co_await find_session(services, call));
  co_return object_response(200, session_json(services, run));
}

Task<Result<net::Response>> change_session(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Run run, co_await find_session(services, call));
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(const auto mode, optional_permission_mode(body));
  OMAKASE_CO_TRY(auto model, optional_model(body));
  const bool model_given = model || is_null(body, "model");
  if (!mode && !model_given) co_return base::invalid("required", "Give \"permissionMode\" or \"model\".", "permissionMode");
  if (mode) OMAKASE_CO_CHECK(co_await services.sessions.set_permission_mode(run.id, *mode));
  if (model_given) OMAKASE_CO_CHECK(co_await services.sessions.set_model(run.id, std::move(model)));
  co_return co_await show_session(services, call);
}

Task<Result<net::Response>> end_session(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Run run, co_await services.sessions.end(call.parameters["runId"]));
  co_return object_response(200, model::to_json(run, {}));
}

}  // namespace

void add_work_session_endpoints(Router& router, Services& services) {
  router.add(net::Method::kPost, "/api/agents/:agentName/work-sessions",
             {Access::kDeveloper, [&services](Call& call) { return start_session(services, call); }});
  router.add(net::Method::kGet, "/api/agents/:agentName/work-sessions/active",
             {Access::kViewer, [&services](Call& call) { return active_session(services, call); }});
  router.add(net::Method::kGet, "/api/agents/:agentName/work-sessions",
             {Access::kViewer, [&services](Call& call) { return list_sessions(services, call); }});
  router.add(net::Method::kGet, "/api/work-sessions/:runId",
             {Access::kViewer, [&services](Call& call) { return show_session(services, call); }});
  router.add(net::Method::kPatch, "/api/work-sessions/:runId",
             {Access::kDeveloper, [&services](Call& call) { return change_session(services, call); }});
  router.add(net::Method::kDelete, "/api/work-sessions/:runId",
             {Access::kDeveloper, [&services](Call& call) { return end_session(services, call); }});
}

}  // namespace omakase::api
