#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "base/ids.h"
#include "base/text.h"

namespace omakase::api {

namespace {

using store::MessageQuery;

base::Failure run_not_found() { return base::not_found("run_not_found", "There is no run with this id."); }

Result<model::Run> found(Result<std::optional<model::Run>> run) {
  if (!run) return std::unexpected(std::move(run).error());
  if (!*run) return run_not_found();
  return **std::move(run);
}

// Reads a message from a body; who may send as whom is decided here.
Result<model::Message> decode_message(const json::object& body, const std::string& run_id, const store::RunFacts::Facts& facts,
                                      const access::Principal& principal, std::vector<model::Attachment> attachments) {
  model::Message message;
  message.run_id = run_id;
  message.attachments = std::move(attachments);
  OMAKASE_TRY(message.content, content_of(body, !message.attachments.empty()));
  OMAKASE_TRY(const std::string sender, base::required_string(body, "sender"));
  const auto parsed_sender = model::parse_sender(sender);
  if (!parsed_sender) return base::invalid("invalid_sender", "\"sender\" must be \"user\" or \"agent\".", "sender");
  message.sender = *parsed_sender;
  if (message.sender == model::Sender::kUser) {
    message.author = author_of(principal);
  } else if (!message.attachments.empty()) {
    return base::invalid("invalid_sender", "Only a person's message has attachments.", "attachments");
  }
  const bool run = principal.kind == access::Principal::Kind::kRun;
  if (run && message.sender == model::Sender::kUser) {
    return base::fail(base::ErrorKind::kForbidden, "not_allowed", "A run's token posts as the agent only.", "sender");
  }
  if (!run && message.sender == model::Sender::kAgent) {
    OMAKASE_CHECK(check_administrator(principal, "sender", "The agent speaks with its run's token, or by an administrator."));
  }
  OMAKASE_TRY(const auto type, base::optional_string(body, "type"));
  if (type) {
    const auto parsed = model::parse_message_type(*type);
    const bool fits = parsed && (message.sender == model::Sender::kAgent || *parsed == model::MessageType::kMessage);
    if (!fits)
      return base::invalid("invalid_type", "\"type\" must be \"message\", or from an agent also \"status\" or \"error\".",
                           "type");
    message.type = *parsed;
  }
  OMAKASE_TRY(const auto role, base::optional_string(body, "role"));
  if (role) {
    message.role = model::parse_role(*role);
    if (!message.role) return base::invalid("invalid_role", "\"role\" must be architect, coder, reviewer or tester.", "role");
  } else if (message.sender == model::Sender::kAgent) {
    message.role = facts.role;
  }
  OMAKASE_TRY(message.thread_id, optional_id(body, "threadId"));
  if (message.thread_id && message.thread_id != facts.thread_id) {
    return base::invalid("wrong_thread", "The run belongs to another thread.", "threadId");
  }
  OMAKASE_TRY(const auto id, optional_id(body, "id"));
  if (id) message.id = *id;
  return message;
}

// The message as it is now; who is too late is told what became of it.
Task<Result<net::Response>> changed(Services& services, Call& call, agents::MessageChange change) {
  const std::string run_id = call.parameters["runId"];
  const std::string message_id = call.parameters["messageId"];
  OMAKASE_CO_TRY(const model::Run run, found(co_await services.log.run(run_id)));
  const auto message = co_await services.sessions.change_message(run.id, message_id, std::move(change));
  if (message) co_return object_response(200, model::to_json(*message));
  if (message.error().code != "already_delivered") co_return std::unexpected(message.error());
  OMAKASE_CO_TRY(const auto stored, co_await services.log.find_message(run_id, message_id));
  json::object more;
  if (stored) more["message"] = model::to_json(*stored);
  co_return net::problem(message.error(), more);
}

Task<Result<net::Response>> post_message(Services& services, Call& call) {
  const std::string run_id = call.parameters["runId"];
  OMAKASE_CO_TRY(const store::RunFacts::Facts run, co_await services.run_facts.of(run_id));
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(auto attachments, co_await decode_attachments(services, body, run.project_id));
  OMAKASE_CO_TRY(model::Message message, decode_message(body, run_id, run, call.principal, std::move(attachments)));
  OMAKASE_CO_TRY(const bool now, decode_hold(body, message));
  const bool given = !message.id.empty();
  if (!given) message.id = base::new_ulid(services.clock.now());
  store::Commit commit;
  if (!model::is_session(run.kind)) message.queued = false;  // its program takes what it polls, when it polls
  commit.changes.push_back(store::AppendMessage{std::move(message), true, given});
  OMAKASE_CO_TRY(store::Committed committed, co_await services.feed.commit(std::move(commit)));
  if (now) co_await send_now(services, committed.appended.front());
  std::string answer;
  model::append_json(answer, committed.appended.front());
  co_return net::json_response(committed.existed.front() ? 200 : 201, std::move(answer));
}

Task<Result<net::Response>> change_message(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  agents::MessageChange change;
  OMAKASE_CO_TRY(change.content, optional_text(body, "content", model::kMaxContentBytes));
  OMAKASE_CO_TRY(change.queued, base::optional_bool(body, "queued"));
  OMAKASE_CO_TRY(const auto now, base::optional_bool(body, "now"));
  change.now = now.value_or(false);
  OMAKASE_CO_TRY(const auto position, base::optional_int(body, "position"));
  if (position && *position < 0) co_return base::invalid("invalid_position", "\"position\" is no place in the list.", "position");
  if (position) change.position = static_cast<std::size_t>(*position);
  if (!change.content && !change.queued && !change.now && !change.position) {
    co_return base::invalid("required", "Give at least one of \"content\", \"position\", \"queued\" and \"now\".", "content");
  }
  co_return co_await changed(services, call, std::move(change));
}

Task<Result<net::Response>> withdraw_message(Services& services, Call& call) {
  co_return co_await changed(services, call, {.withdraw = true});
}

// A program that carries a run out has received what it was given: its messages get their receipt.
Task<Result<void>> mark_received(Services& services, const std::string& run_id, std::vector<model::Message>& messages) {
  store::Commit commit;
  const base::Timestamp now = services.clock.now();
  for (model::Message& message : messages) {
    if (message.sender != model::Sender::kUser || message.delivered_at) continue;
    message.delivered_at = now;
    commit.changes.push_back(store::UpdateMessage{run_id, message.timestamp, now, {}});
  }
  if (!commit.changes.empty()) OMAKASE_CO_CHECK(co_await services.feed.commit(std::move(commit)));
  co_return Result<void>();
}

Result<MessageQuery> decode_query(const net::Request& request, MessageQuery::By by, std::string id) {
  MessageQuery query;
  query.by = by;
  query.id = std::move(id);
  OMAKASE_TRY(query.since, time_parameter(request, "since"));
  OMAKASE_TRY(query.before, time_parameter(request, "before"));
  OMAKASE_TRY(query.limit, page_limit(request, 1000));
  // Without a place to start from, "the last N" is what a reader of a long history wants first.
  query.last = query.before.has_value() || (!query.since && request.parameter("limit") && request.parameter("tail"));
  if (const auto sender = request.parameter("sender")) {
    query.sender = model::parse_sender(*sender);
    if (!query.sender) return base::invalid("invalid_sender", "\"sender\" must be \"user\" or \"agent\".", "sender");
  }
  return query;
}

// The address of the page that follows this one, in the direction of the query.
std::string next_page(const net::Request& request, const MessageQuery& query, const std::vector<model::Message>& page) {
  std::string next = request.path + "?limit=" + std::to_string(query.limit);
  if (query.last) {
    next += "&before=" + base::format(page.front().timestamp);
    if (query.since) next += "&since=" + base::format(*query.since);
  } else {
    next += "&since=" + base::format(page.back().timestamp);
  }
  if (query.sender) next += "&sender=" + std::string(model::word(*query.sender));
  return next;
}

net::Response page_response(const std::vector<model::Message>& messages) {
  std::string body = "[";
  for (const model::Message& message : messages) {
    if (body.size() > 1) body.push_back(',');
    model::append_json(body, message);
  }
  body.push_back(']');
  return net::json_response(200, std::move(body));
}

Task<Result<void>> leave_out_unseen(Services& services, const access::Principal& caller, std::vector<model::Message>& messages) {
  std::vector<model::Message> seen;
  for (model::Message& message : messages) {
    OMAKASE_CO_TRY(const bool sees, co_await services.gate.sees(caller, message.project_id));
    if (sees) seen.push_back(std::move(message));
  }
  messages = std::move(seen);
  co_return Result<void>();
}

Task<Result<net::Response>> list_messages(Services& services, Call& call, MessageQuery::By by, std::string id) {
  OMAKASE_CO_TRY(MessageQuery query, decode_query(call.request, by, std::move(id)));
  // One more than was asked for, to know whether there is more.
  MessageQuery wider = query;
  ++wider.limit;
  OMAKASE_CO_TRY(std::vector<model::Message> messages, co_await services.log.list(std::move(wider)));
  const bool more = messages.size() > query.limit;
  if (more) messages.erase(query.last ? messages.begin() : messages.end() - 1);
  if (call.principal.kind == access::Principal::Kind::kRun) {
    OMAKASE_CO_CHECK(co_await mark_received(services, query.id, messages));
  }
  const std::string next = more ? next_page(call.request, query, messages) : "";
  // A feature's id may have been given in several projects.
  if (by == MessageQuery::By::kFeature) OMAKASE_CO_CHECK(co_await leave_out_unseen(services, call.principal, messages));
  net::Response response = page_response(messages);
  if (more) response.with("Link", "<" + next + ">; rel=\"next\"");
  co_return response;
}

Task<Result<net::Response>> list_run_messages(Services& services, Call& call) {
  const std::string run_id = call.parameters["runId"];
  OMAKASE_CO_CHECK(found(co_await services.log.run(run_id)));
  co_return co_await list_messages(services, call, MessageQuery::By::kRun, run_id);
}

Task<Result<net::Response>> list_thread_messages(Services& services, Call& call) {
  const std::string thread_id = call.parameters["threadId"];
  OMAKASE_CO_TRY(const auto thread, co_await services.catalog.thread(thread_id));
  if (!thread) co_return base::not_found("thread_not_found", "There is no thread with this id.");
  co_return co_await list_messages(services, call, MessageQuery::By::kThread, thread_id);
}

}  // namespace

Result<bool> decode_hold(const json::object& body, model::Message& message) {
  OMAKASE_TRY(const auto queued, base::optional_bool(body, "queued"));
  OMAKASE_TRY(const auto now, base::optional_bool(body, "now"));
  message.queued = message.sender == model::Sender::kUser && (queued.value_or(false) || now.value_or(false));
  return message.queued && now.value_or(false);
}

Task<> send_now(Services& services, model::Message& message) {
  auto sent = co_await services.sessions.change_message(message.run_id, message.id, {.now = true});
  // Otherwise it waits like any other, as its receipt will tell.
  if (sent) message = *std::move(sent);
}

void add_message_endpoints(Router& router, Services& services) {
  router.add(net::Method::kPost, "/api/agent-runs/:runId/messages",
             {Access::kDeveloperOrRun, [&services](Call& call) { return post_message(services, call); }});
  router.add(net::Method::kGet, "/api/agent-runs/:runId/messages",
             {Access::kViewerOrRun, [&services](Call& call) { return list_run_messages(services, call); }});
  router.add(net::Method::kPatch, "/api/agent-runs/:runId/messages/:messageId",
             {Access::kDeveloper, [&services](Call& call) { return change_message(services, call); }});
  router.add(net::Method::kDelete, "/api/agent-runs/:runId/messages/:messageId",
             {Access::kDeveloper, [&services](Call& call) { return withdraw_message(services, call); }});
  router.add(net::Method::kGet, "/api/threads/:threadId/messages",
             {Access::kViewer, [&services](Call& call) { return list_thread_messages(services, call); }});
  router.add(net::Method::kGet, "/api/features/:featureId/messages",
             {Access::kViewer, [&services](Call& call) {
                return list_messages(services, call, MessageQuery::By::kFeature, call.parameters["featureId"]);
              }});
}

}  // namespace omakase::api
