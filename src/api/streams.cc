#include <unistd.h>

#include <algorithm>
#include <random>

#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"
#include "base/ids.h"
#include "base/text.h"

namespace omakase::api {

namespace {

using Topics = std::vector<feed::StreamsRequest::Topic>;

constexpr std::size_t kMaxTopics = 200;

std::optional<std::string> cursor_of(const net::Request& request) {
  if (const std::string_view header = request.header("Last-Event-ID"); !header.empty()) return std::string(header);
  return request.parameter("since");
}

Result<std::optional<std::size_t>> tail_of(const net::Request& request) {
  const auto tail = request.parameter("tail");
  if (!tail) return std::nullopt;
  const auto number = base::parse_json(*tail);
  if (!number || !number->is_int64() || number->as_int64() < 0) {
    return base::invalid("invalid_tail", "\"tail\" must be a number of messages.", "tail");
  }
  return static_cast<std::size_t>(number->as_int64());
}

// Spread over time, so that a restarted server is not met by everybody in the same moment.
int jittered(int retry_ms) {
  static thread_local std::minstd_rand random(std::random_device{}());
  return retry_ms / 2 + static_cast<int>(random() % static_cast<unsigned>(retry_ms + 1));
}

// "a,b@2026-01-31T09:05:07.000123Z", in one parameter or several of the name; one that is named twice counts once.
Result<Topics> topics_of(const net::Request& request, std::string_view name) {
  Topics topics;
  for (const auto& list : request.parameters(name)) {
    for (const std::string_view entry : base::split(list.value_or("?"), ',')) {
      if (entry.empty()) continue;
      const std::size_t at = entry.find('@');
      feed::StreamsRequest::Topic topic{std::string(entry.substr(0, at)), std::nullopt};
      if (at != std::string_view::npos) topic.since = entry.substr(at + 1);
      if (!base::valid_id(topic.id)) {
        return base::invalid("invalid_topic", "\"" + std::string(name) + "\" must be ids, with commas between them.",
                             std::string(name));
      }
      const bool known = std::ranges::any_of(topics, [&](const auto& other) { return other.id == topic.id; });
      if (!known) topics.push_back(std::move(topic));
    }
  }
  return topics;
}

Task<Result<void>> check_may_read(Services& services, const access::Principal& caller, const feed::StreamsRequest& wanted) {
  const bool run = caller.kind == access::Principal::Kind::kRun;
  if (run && !(wanted.threads.empty() && wanted.projects.empty())) {
    co_return base::fail(base::ErrorKind::kForbidden, "wrong_run", "This token is good for its own run only.");
  }
  for (const auto& topic : wanted.runs) OMAKASE_CO_CHECK(co_await check_run(services, caller, topic.id));
  for (const auto& topic : wanted.threads) OMAKASE_CO_CHECK(co_await check_thread(services, caller, topic.id));
  for (const auto& topic : wanted.projects) OMAKASE_CO_CHECK(co_await check_project(services, caller, topic.id));
  co_return Result<void>();
}

Task<Result<void>> check_exist(Services& services, const feed::StreamsRequest& wanted) {
  for (const auto& topic : wanted.threads) {
    OMAKASE_CO_TRY(const auto thread, co_await services.catalog.thread(topic.id));
    if (!thread) co_return base::not_found("thread_not_found", "There is no thread with the id " + topic.id + ".");
  }
  for (const auto& topic : wanted.projects) {
    OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(topic.id));
    if (!project) co_return base::not_found("project_not_found", "There is no project with the id " + topic.id + ".");
  }
  co_return Result<void>();
}

using Open = void (feed::Feed::*)(int fd, feed::StreamPlan plan, feed::StreamOwner owner);

// A browser that is refused by a status never comes back; so it is let in, and told to come again later.
net::Response no_room() {
  net::Response response;
  response.content_type = "text/event-stream";
  response.body = ": too many streams: come again\nretry: 10000\n\n";
  return response;
}

net::Response stream_response(Services& services, StreamDoor& door, const Call& call, feed::StreamPlan plan, Open open) {
  if (plan.nothing_more) return net::empty_response(204);
  const net::Request& request = call.request;
  if (!door.has_room_for(request.client, request.local)) return no_room();
  net::Response response;
  response.content_type = "text/event-stream";
  response.with("X-Accel-Buffering", "no");
  response.take_over = [&services, &door, open, plan = std::move(plan), client = request.client, local = request.local,
                        reader = call.principal](net::StreamSocket socket) {
    // Others may have come since, and this one may have lost what they had.
    if (!door.has_room_for(client, local) || !door.still_holds(reader)) {
      close(socket.fd);
      return;
    }
    (services.feed.*open)(socket.fd, plan, door.owner(client, reader));
  };
  return response;
}

Task<Result<net::Response>> stream_run(Services& services, const ApiOptions& options, StreamDoor& door, Call& call) {
  feed::StreamRequest wanted;
  wanted.run_id = call.parameters["runId"];
  wanted.last_event_id = cursor_of(call.request);
  OMAKASE_CO_TRY(wanted.tail, tail_of(call.request));
  wanted.retry_ms = jittered(options.retry_ms);
  OMAKASE_CO_TRY(feed::StreamPlan plan, co_await services.feed.plan_stream(std::move(wanted)));
  co_return stream_response(services, door, call, std::move(plan), &feed::Feed::open_stream);
}

Task<Result<net::Response>> stream_topics(Services& services, const ApiOptions& options, StreamDoor& door, Call& call) {
  feed::StreamsRequest wanted;
  OMAKASE_CO_TRY(wanted.runs, topics_of(call.request, "runs"));
  OMAKASE_CO_TRY(wanted.threads, topics_of(call.request, "threads"));
  OMAKASE_CO_TRY(wanted.projects, topics_of(call.request, "projects"));
  const std::size_t count = wanted.runs.size() + wanted.threads.size() + wanted.projects.size();
  if (count == 0) co_return base::invalid("no_topics", "Name what to follow: \"runs\", \"threads\" or \"projects\".", "runs");
  if (count > kMaxTopics) {
    co_return base::invalid("too_many_topics", "One stream follows " + std::to_string(kMaxTopics) + " topics at most.", "runs");
  }
  OMAKASE_CO_CHECK(co_await check_may_read(services, call.principal, wanted));
  OMAKASE_CO_CHECK(co_await check_exist(services, wanted));
  wanted.last_event_id = cursor_of(call.request);
  OMAKASE_CO_TRY(wanted.tail, tail_of(call.request));
  wanted.retry_ms = jittered(options.retry_ms);
  OMAKASE_CO_TRY(feed::StreamPlan plan, co_await services.feed.plan_streams(std::move(wanted)));
  co_return stream_response(services, door, call, std::move(plan), &feed::Feed::open_streams);
}

}  // namespace

void add_stream_endpoints(Router& router, Services& services, const ApiOptions& options, StreamDoor& door) {
  router.add(net::Method::kGet, "/api/agent-runs/:runId/messages/stream",
             {Access::kViewerOrRun, [&](Call& call) { return stream_run(services, options, door, call); }});
  router.add(net::Method::kGet, "/api/stream",
             {Access::kViewerOrRun, [&](Call& call) { return stream_topics(services, options, door, call); }});
}

}  // namespace omakase::api
