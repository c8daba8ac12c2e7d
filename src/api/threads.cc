#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxTitle = 200;

json::object summary_json(const Services& services, const store::ThreadSummary& summary) {
  json::object object = model::to_json(summary.thread);
  object["runId"] = summary.active_run_id ? json::value(*summary.active_run_id) : json::value(nullptr);
  const model::RunPresence presence =
      summary.active_run_id ? services.feed.presence(*summary.active_run_id) : model::RunPresence{};
  object["busy"] = presence.busy;
  object["attention"] = presence.attention ? json::value(*presence.attention) : json::value(nullptr);
  object["external"] = summary.external;
  if (const auto& last = summary.last_message) {
    object["lastMessage"] = {{"sender", model::word(last->sender)},
                             {"type", model::word(last->type)},
                             {"content", last->content},
                             {"author", model::to_json(last->author)}};
  } else {
    object["lastMessage"] = nullptr;
  }
  return object;
}

base::Failure thread_not_found() { return base::not_found("thread_not_found", "There is no thread with this id."); }

Result<const model::Agent*> find_agent(const std::string& name) {
  const model::Agent* agent = model::find_agent(name);
  if (!agent) return base::not_found("agent_not_found", "There is no agent with this name.");
  return agent;
}

Result<std::optional<model::ThreadMode>> decode_mode(const json::object& body) {
  OMAKASE_TRY(const auto mode, base::optional_string(body, "mode"));
  if (!mode) return std::nullopt;
  const auto parsed = model::parse_thread_mode(*mode);
  if (!parsed) return base::invalid("invalid_mode", "\"mode\" must be \"chat\" or \"work\".", "mode");
  return parsed;
}

Task<Result<net::Response>> create_thread(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, find_agent(call.parameters["agentName"]));
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  model::Thread thread;
  OMAKASE_CO_TRY(thread.project_id, required_id(body, "projectId"));
  OMAKASE_CO_CHECK(co_await check_project(services, call.principal, thread.project_id));
  OMAKASE_CO_TRY(const auto title, optional_text(body, "title", kMaxTitle));
  OMAKASE_CO_TRY(const auto mode, decode_mode(body));
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(thread.project_id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  thread.agent_name = agent->name;
  if (title) thread.title = base::trim(*title);
  thread.mode = mode.value_or(model::ThreadMode::kWork);
  OMAKASE_CO_TRY(const auto permission_mode, optional_permission_mode(body));
  thread.permission_mode = permission_mode.value_or(services.sessions.options().permission_mode);
  OMAKASE_CO_TRY(thread.model, optional_model(body));
  thread.created_at = services.clock.now();
  thread.id = base::new_ulid(thread.created_at);
  OMAKASE_CO_TRY(thread, co_await services.catalog.create_thread(std::move(thread)));
  services.feed.thread_changed(thread);
  co_return object_response(201, summary_json(services, {.thread = thread}));
}

Task<Result<net::Response>> list_threads(Services& services, Call& call, store::ThreadQuery query) {
  OMAKASE_CO_TRY(const std::size_t limit, page_limit(call.request));
  OMAKASE_CO_TRY(query.before, time_parameter(call.request, "cursor"));
  query.include_archived = call.request.parameter("includeArchived") == "true";
  query.limit = limit + 1;
  query.member = member_filter(call.principal);
  OMAKASE_CO_TRY(auto threads, co_await services.catalog.threads(std::move(query)));
  std::optional<base::Timestamp> next;
  if (threads.size() > limit) {
    threads.pop_back();
    next = threads.back().thread.last_message_at.value_or(threads.back().thread.created_at);
  }
  json::array items;
  for (const auto& summary : threads) items.push_back(summary_json(services, summary));
  co_return list_response(std::move(items), next);
}

Task<Result<net::Response>> list_agent_threads(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, find_agent(call.parameters["agentName"]));
  store::ThreadQuery query;
  query.agent_name = agent->name;
  query.project_id = call.request.parameter("projectId");
  co_return co_await list_threads(services, call, std::move(query));
}

Task<Result<net::Response>> list_project_threads(Services& services, Call& call) {
  store::ThreadQuery query;
  query.project_id = call.parameters["projectId"];
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(*query.project_id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  co_return co_await list_threads(services, call, std::move(query));
}

Task<Result<net::Response>> thread_response(Services& services, std::string id) {
  OMAKASE_CO_TRY(const auto summary, co_await services.catalog.thread(std::move(id)));
  if (!summary) co_return thread_not_found();
  co_return object_response(200, summary_json(services, *summary));
}

// The session that a change of the mode ends. kConflict busy while its agent works.
Task<Result<std::optional<model::Run>>> session_to_leave(Services& services, const model::Thread& thread,
                                                         const store::ThreadPatch& patch) {
  if (!patch.mode || *patch.mode == thread.mode) co_return std::nullopt;
  OMAKASE_CO_TRY(const auto run, co_await services.log.active_run_of_thread(thread.id));
  if (!run || !model::is_session(run->kind)) co_return std::nullopt;
  if (services.feed.presence(run->id).busy) {
    co_return base::conflict("busy", "The agent is in the middle of a turn. Stop it, or wait for its end, before you switch.");
  }
  co_return run;
}

// Ends it; the next message starts one in the thread's new mode, in the same conversation. One that was written while it was
// ending is such a message.
Task<Result<void>> leave(Services& services, const model::Run& run, const model::Thread& thread) {
  const std::string why = thread.mode == model::ThreadMode::kChat ? "Switched to chat mode" : "Switched to work mode";
  OMAKASE_CO_CHECK(co_await services.sessions.end(run.id, why));
  OMAKASE_CO_TRY(const auto unread, co_await services.log.undelivered(run.id));
  if (unread.empty()) co_return Result<void>();
  const auto next = co_await services.sessions.start(
      {.agent_name = thread.agent_name, .project_id = thread.project_id, .thread_id = thread.id});
  // The switch is done all the same: it stays unread, as the page says.
  if (!next) base::log_warn("what is unread starts no session", {{"thread", thread.id}, {"error", next.error().detail}});
  co_return Result<void>();
}

// What is changed holds for the session that runs, too.
Task<Result<void>> tell_session(Services& services, const model::Thread& thread, const store::ThreadPatch& patch) {
  if (!patch.permission_mode && !patch.model) co_return Result<void>();
  OMAKASE_CO_TRY(const auto run, co_await services.log.active_run_of_thread(thread.id));
  if (!run || !model::is_session(run->kind)) co_return Result<void>();
  if (patch.permission_mode && run->kind == model::RunKind::kWorkSession) {
    OMAKASE_CO_CHECK(co_await services.sessions.set_permission_mode(run->id, *patch.permission_mode));
  }
  if (patch.model) OMAKASE_CO_CHECK(co_await services.sessions.set_model(run->id, *patch.model));
  co_return Result<void>();
}

Task<Result<net::Response>> change_thread(Services& services, Call& call) {
  OMAKASE_CO_TRY(const model::Agent* agent, find_agent(call.parameters["agentName"]));
  const std::string id = call.parameters["threadId"];
  OMAKASE_CO_TRY(const auto summary, co_await services.catalog.thread(id));
  if (!summary || summary->thread.agent_name != agent->name) co_return thread_not_found();
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  store::ThreadPatch patch;
  OMAKASE_CO_TRY(patch.title, optional_text(body, "title", kMaxTitle));
  OMAKASE_CO_TRY(patch.mode, decode_mode(body));
  OMAKASE_CO_TRY(const auto status, base::optional_string(body, "status"));
  if (status) {
    patch.status = model::parse_thread_status(*status);
    if (!patch.status) co_return base::invalid("invalid_status", "\"status\" must be \"active\" or \"archived\".", "status");
  }
  OMAKASE_CO_TRY(patch.permission_mode, optional_permission_mode(body));
  OMAKASE_CO_TRY(auto model, optional_model(body));
  if (model || is_null(body, "model")) patch.model = std::move(model);
  OMAKASE_CO_TRY(const auto left, co_await session_to_leave(services, summary->thread, patch));
  if (!left) OMAKASE_CO_CHECK(co_await tell_session(services, summary->thread, patch));
  // First of all: whatever starts from now on starts in the new mode.
  OMAKASE_CO_CHECK(co_await services.catalog.update_thread(id, std::move(patch)));
  OMAKASE_CO_TRY(const auto changed, co_await services.catalog.thread(id));
  if (!changed) co_return thread_not_found();
  services.feed.thread_changed(changed->thread);
  if (left) OMAKASE_CO_CHECK(co_await leave(services, *left, changed->thread));
  co_return co_await thread_response(services, id);
}

Task<Result<net::Response>> delete_thread(Services& services, Call& call) {
  const std::string id = call.parameters["threadId"];
  OMAKASE_CO_TRY(const auto summary, co_await services.catalog.thread(id));
  if (!summary) co_return thread_not_found();
  store::Commit commit;
  commit.changes.emplace_back(store::DeleteThread{id});
  OMAKASE_CO_TRY(store::Committed committed, co_await services.feed.commit(std::move(commit)));
  services.feed.thread_deleted(summary->thread);
  co_await services.sessions.forget(summary->thread, std::move(committed.forgotten_runs));
  co_return net::empty_response(204);
}

net::Response posted(const model::Message& message, int status) {
  return object_response(status, {{"message", model::to_json(message)}, {"runId", message.run_id}});
}

net::Response elsewhere(const agents::WorkSessions::Started& session) {
  const auto error = base::conflict(
      "session_elsewhere", "The project's work session belongs to another conversation. Go on there, or end it there first.");
  return net::problem(error.error(), {{"runId", session.run.id}, {"threadId", session.thread_id}});
}

// Stored in the run and answered: 201, or 200 when a message of that id was there.
Task<Result<net::Response>> append(Services& services, const std::string& run_id, model::Message message, bool given,
                                   const json::object& body) {
  if (!given) message.id = base::new_ulid(services.clock.now());
  message.run_id = run_id;
  OMAKASE_CO_TRY(const bool now, decode_hold(body, message));
  store::Commit commit;
  commit.changes.emplace_back(store::AppendMessage{std::move(message), true, given});
  OMAKASE_CO_TRY(store::Committed committed, co_await services.feed.commit(std::move(commit)));
  if (now) co_await send_now(services, committed.appended.front());
  co_return posted(committed.appended.front(), committed.existed.front() ? 200 : 201);
}

// To the thread's active run; without one, starts a session of which this is the first message.
Task<Result<net::Response>> post_to_thread(Services& services, Call& call) {
  const std::string thread_id = call.parameters["threadId"];
  OMAKASE_CO_TRY(const auto summary, co_await services.catalog.thread(thread_id));
  if (!summary) co_return thread_not_found();
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  model::Message message;
  message.author = author_of(call.principal);
  OMAKASE_CO_TRY(message.attachments, co_await decode_attachments(services, body, summary->thread.project_id));
  OMAKASE_CO_TRY(message.content, content_of(body, !message.attachments.empty()));
  OMAKASE_CO_TRY(const auto id, optional_id(body, "id"));
  if (id) {
    message.id = *id;
    OMAKASE_CO_TRY(const auto stored, co_await services.log.find_given(*id));
    if (stored && stored->thread_id == thread_id && stored->content == message.content) co_return posted(*stored, 200);
    if (stored) co_return base::conflict("id_conflict", "Another message has this id.");
  }
  OMAKASE_CO_TRY(const auto run, co_await services.log.active_run_of_thread(thread_id));
  if (run) {
    auto answer = co_await append(services, run->id, message, id.has_value(), body);
    // The run may have ended since we looked: then this message starts the next one.
    if (answer || answer.error().code != "run_not_active") co_return answer;
  }
  OMAKASE_CO_TRY(const auto started, co_await services.sessions.start({.agent_name = summary->thread.agent_name,
                                                                       .project_id = summary->thread.project_id,
                                                                       .thread_id = thread_id,
                                                                       .prompt = message.content,
                                                                       .message_id = id,
                                                                       .author = message.author,
                                                                       .attachments = message.attachments}));
  if (started.message) co_return posted(*started.message, 201);
  // Another first message of this thread was faster: its session is ours too.
  if (started.thread_id == thread_id) co_return co_await append(services, started.run.id, message, id.has_value(), body);
  co_return elsewhere(started);
}

}  // namespace

void add_thread_endpoints(Router& router, Services& services) {
  router.add(net::Method::kPost, "/api/agents/:agentName/threads",
             {Access::kDeveloper, [&services](Call& call) { return create_thread(services, call); }});
  router.add(net::Method::kGet, "/api/agents/:agentName/threads",
             {Access::kViewer, [&services](Call& call) { return list_agent_threads(services, call); }});
  router.add(net::Method::kPatch, "/api/agents/:agentName/threads/:threadId",
             {Access::kDeveloper, [&services](Call& call) { return change_thread(services, call); }});
  router.add(net::Method::kGet, "/api/projects/:projectId/threads",
             {Access::kViewer, [&services](Call& call) { return list_project_threads(services, call); }});
  router.add(net::Method::kGet, "/api/threads/:threadId",
             {Access::kViewer, [&services](Call& call) { return thread_response(services, call.parameters["threadId"]); }});
  router.add(net::Method::kDelete, "/api/threads/:threadId",
             {Access::kDeveloper, [&services](Call& call) { return delete_thread(services, call); }});
  router.add(net::Method::kPost, "/api/threads/:threadId/messages",
             {Access::kDeveloper, [&services](Call& call) { return post_to_thread(services, call); }});
}

}  // namespace omakase::api
