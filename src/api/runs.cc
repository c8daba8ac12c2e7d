#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "base/digest.h"
#include "base/ids.h"
#include "base/text.h"

namespace omakase::api {

namespace {

// The start of a run's token tells people what it is when they meet one in a log.
constexpr std::string_view kTokenPrefix = "omr_";

json::object run_json(const Services& services, const model::Run& run) {
  return model::to_json(run, services.feed.presence(run.id));
}

// A run that a program outside this server carries out.
Task<Result<net::Response>> create_run(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  model::Run run;
  OMAKASE_CO_TRY(run.project_id, required_id(body, "projectId"));
  OMAKASE_CO_TRY(run.agent_name, required_text(body, "agentName", 64));
  OMAKASE_CO_TRY(run.feature_id, optional_id(body, "featureId"));
  OMAKASE_CO_TRY(run.thread_id, optional_id(body, "threadId"));
  OMAKASE_CO_TRY(const auto id, optional_id(body, "id"));
  const model::Agent* agent = model::find_agent(run.agent_name);
  if (!agent) co_return base::not_found("agent_not_found", "There is no agent with this name.");
  run.role = agent->role;
  OMAKASE_CO_CHECK(co_await check_project(services, call.principal, run.project_id));
  if (run.thread_id) OMAKASE_CO_CHECK(co_await check_thread(services, call.principal, *run.thread_id));
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(run.project_id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  if (run.thread_id) {
    OMAKASE_CO_TRY(const auto thread, co_await services.catalog.thread(*run.thread_id));
    if (!thread) co_return base::not_found("thread_not_found", "There is no thread with this id.");
    if (thread->thread.project_id != run.project_id || thread->thread.agent_name != run.agent_name) {
      co_return base::invalid("wrong_thread", "The thread belongs to another project or agent.", "threadId");
    }
  }
  const base::Timestamp now = services.clock.now();
  run.id = id ? *id : base::new_ulid(now);
  run.started_at = now;
  const std::string token = std::string(kTokenPrefix) + base::new_secret(32);
  run.token_hash = base::sha256_hex(token);

  store::Commit commit;
  commit.changes.emplace_back(store::StartRun{run});
  OMAKASE_CO_TRY(const store::Committed committed, co_await services.feed.commit(std::move(commit)));
  co_return object_response(201, {{"run", run_json(services, committed.run.value_or(run))}, {"token", token}});
}

Task<Result<model::Run>> find_run(Services& services, Call& call) {
  const std::string run_id = call.parameters["runId"];
  OMAKASE_CO_TRY(auto run, co_await services.log.run(run_id));
  if (!run) co_return base::not_found("run_not_found", "There is no run with this id.");
  co_return *std::move(run);
}

// What the conversation says about the change: a status line, or the error with its summary.
model::Message status_message(const model::Run& run, model::RunStatus status, const store::UpdateRun& update,
                              base::Timestamp now) {
  model::Message message;
  message.id = base::new_ulid(now);
  message.run_id = run.id;
  message.sender = model::Sender::kAgent;
  message.role = run.role;
  message.type = status == model::RunStatus::kFailed ? model::MessageType::kError : model::MessageType::kStatus;
  message.content = model::status_sentence(status);
  if (status == model::RunStatus::kFailed && update.error_message) message.content = *update.error_message;
  return message;
}

Task<Result<net::Response>> change_run(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Run run, co_await find_run(services, call));
  if (run.kind != model::RunKind::kExternal) {
    co_return base::conflict("managed_run",
                             "This server carries the run out itself; end it with DELETE /api/work-sessions/" + run.id + ".");
  }
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  store::UpdateRun update;
  update.run_id = run.id;
  OMAKASE_CO_TRY(const auto status, base::optional_string(body, "status"));
  if (status) {
    update.status = model::parse_run_status(*status);
    if (!update.status) {
      co_return base::invalid("invalid_status",
                              "\"status\" must be started, thinking, coding, reviewing, testing, completed or failed.", "status");
    }
  }
  OMAKASE_CO_TRY(update.output_summary, optional_text(body, "outputSummary", model::kMaxContentBytes));
  OMAKASE_CO_TRY(update.error_message, optional_text(body, "errorMessage", model::kMaxContentBytes));
  if (!update.status && !update.output_summary && !update.error_message) {
    co_return base::invalid("required", "Give at least one of \"status\", \"outputSummary\" and \"errorMessage\".", "status");
  }
  store::Commit commit;
  if (update.status && *update.status != run.status) {
    const base::Timestamp now = services.clock.now();
    model::Message message = status_message(run, *update.status, update, now);
    const bool failed = message.type == model::MessageType::kError;
    commit.changes.emplace_back(
        store::AppendLog{.run_id = run.id,
                         .lines = {{.timestamp = now,
                                    .level = failed ? model::LogLevel::kError : model::LogLevel::kInfo,
                                    .message = std::string(base::utf8_prefix(message.content, model::kMaxLogMessageBytes))}},
                         .require_active = true});
    commit.changes.emplace_back(store::AppendMessage{std::move(message), true, false});
  }
  commit.changes.emplace_back(std::move(update));
  OMAKASE_CO_TRY(const store::Committed committed, co_await services.feed.commit(std::move(commit)));
  co_return object_response(200, run_json(services, committed.run.value_or(run)));
}

Task<Result<net::Response>> interrupt_run(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Run run, co_await find_run(services, call));
  if (!model::is_active(run.status)) co_return base::conflict("run_not_active", "This run has ended.");
  OMAKASE_CO_CHECK(services.sessions.interrupt(run.id));
  co_return object_response(202, {{"status", "interrupting"}});
}

// `runs` is one more than `limit` when there is another page.
net::Response run_page(const Services& services, std::vector<model::Run> runs, std::size_t limit) {
  std::optional<base::Timestamp> next;
  if (runs.size() > limit) {
    runs.pop_back();
    next = runs.back().started_at;
  }
  json::array items;
  for (const model::Run& run : runs) items.push_back(run_json(services, run));
  return list_response(std::move(items), next);
}

Task<Result<net::Response>> list_runs_of_project(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::size_t limit, page_limit(call.request));
  OMAKASE_CO_TRY(const auto before, time_parameter(call.request, "cursor"));
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(call.parameters["projectId"]));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  OMAKASE_CO_TRY(auto runs, co_await services.log.runs_of_project(call.parameters["projectId"], before, limit + 1));
  co_return run_page(services, std::move(runs), limit);
}

// Which runs an agent's lists and sums are about: `projectId`, or all of them.
Task<Result<std::optional<std::string>>> project_asked_for(Services& services, Call& call) {
  if (!model::find_agent(call.parameters["agentName"])) {
    co_return base::not_found("agent_not_found", "There is no agent with this name.");
  }
  auto id = call.request.parameter("projectId");
  if (id) {
    OMAKASE_CO_CHECK(co_await check_project(services, call.principal, *id));
    OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(*id));
    if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  }
  co_return std::move(id);
}

Task<Result<net::Response>> list_runs_of_agent(Services& services, Call& call) {
  OMAKASE_CO_TRY(const std::size_t limit, page_limit(call.request));
  OMAKASE_CO_TRY(const auto before, time_parameter(call.request, "cursor"));
  OMAKASE_CO_TRY(const auto project_id, co_await project_asked_for(services, call));
  OMAKASE_CO_TRY(auto runs, co_await services.log.runs_of_agent(call.parameters["agentName"], project_id, before, limit + 1,
                                                                member_filter(call.principal)));
  co_return run_page(services, std::move(runs), limit);
}

Task<Result<net::Response>> show_totals(Services& services, Call& call) {
  OMAKASE_CO_TRY(const auto project_id, co_await project_asked_for(services, call));
  OMAKASE_CO_TRY(const model::RunTotals totals,
                 co_await services.log.totals_of_agent(call.parameters["agentName"], project_id, member_filter(call.principal)));
  co_return object_response(200, model::to_json(totals));
}

Task<Result<net::Response>> show_run(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Run run, co_await find_run(services, call));
  co_return object_response(200, run_json(services, run));
}

}  // namespace

void add_run_endpoints(Router& router, Services& services) {
  router.add(net::Method::kPost, "/api/agent-runs",
             {Access::kDeveloper, [&services](Call& call) { return create_run(services, call); }});
  router.add(net::Method::kGet, "/api/agent-runs/:runId",
             {Access::kViewerOrRun, [&services](Call& call) { return show_run(services, call); }});
  router.add(net::Method::kPatch, "/api/agent-runs/:runId",
             {Access::kAdministratorOrRun, [&services](Call& call) { return change_run(services, call); }});
  router.add(net::Method::kPost, "/api/agent-runs/:runId/interrupt",
             {Access::kDeveloper, [&services](Call& call) { return interrupt_run(services, call); }});
  router.add(net::Method::kGet, "/api/projects/:projectId/runs",
             {Access::kViewer, [&services](Call& call) { return list_runs_of_project(services, call); }});
  router.add(net::Method::kGet, "/api/agents/:agentName/runs",
             {Access::kViewer, [&services](Call& call) { return list_runs_of_agent(services, call); }});
  router.add(net::Method::kGet, "/api/agents/:agentName/stats",
             {Access::kViewer, [&services](Call& call) { return show_totals(services, call); }});
}

}  // namespace omakase::api
