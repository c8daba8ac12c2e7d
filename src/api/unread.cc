#include <algorithm>

#include "api/api.h"
#include "api/decode.h"
#include "api/reach.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxProjects = 100;

Task<Result<net::Response>> list_unread(Services& services, Call& call) {
  std::vector<std::string> project_ids;
  if (const auto project_id = call.request.parameter("projectId")) {
    OMAKASE_CO_CHECK(co_await check_project(services, call.principal, *project_id));
    OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(*project_id));
    if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
    project_ids.push_back(*project_id);
  } else {
    OMAKASE_CO_TRY(const auto projects,
                   co_await services.catalog.projects(false, std::nullopt, kMaxProjects, member_filter(call.principal)));
    for (const auto& summary : projects) project_ids.push_back(summary.project.id);
  }
  json::array items;
  for (const std::string& project_id : project_ids) {
    OMAKASE_CO_TRY(const auto threads, co_await services.catalog.unread(call.principal.id, project_id));
    for (const store::Unread& thread : threads) {
      items.push_back(
          {{"threadId", thread.thread_id}, {"projectId", project_id}, {"agentName", thread.agent_name}, {"count", thread.count}});
    }
  }
  co_return list_response(std::move(items), std::nullopt);
}

Task<Result<net::Response>> mark_read(Services& services, Call& call) {
  OMAKASE_CO_TRY(const json::object body, body_object(call.request));
  OMAKASE_CO_TRY(const std::string thread_id, required_id(body, "threadId"));
  OMAKASE_CO_TRY(const std::string text, required_text(body, "timestamp", 64));
  const auto timestamp = base::parse_timestamp(text);
  if (!timestamp) {
    co_return base::invalid("invalid_timestamp", "\"timestamp\" must be that of a message, such as 2026-01-31T09:05:07.000123Z.",
                            "timestamp");
  }
  OMAKASE_CO_CHECK(co_await check_thread(services, call.principal, thread_id));
  OMAKASE_CO_TRY(const auto thread, co_await services.catalog.thread(thread_id));
  if (!thread) co_return base::not_found("thread_not_found", "There is no thread with this id.");
  // What is yet to be said cannot have been read.
  const base::Timestamp read_at = std::min(*timestamp, thread->thread.last_message_at.value_or(base::Timestamp{}));
  OMAKASE_CO_CHECK(co_await services.catalog.mark_read(call.principal.id, thread_id, read_at));
  services.feed.thread_read(thread->thread, call.principal.id, read_at);
  co_return net::empty_response(204);
}

}  // namespace

void add_unread_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/api/unread",
             {Access::kViewer, [&services](Call& call) { return list_unread(services, call); }});
  router.add(net::Method::kPost, "/api/unread", {Access::kPerson, [&services](Call& call) { return mark_read(services, call); }});
}

}  // namespace omakase::api
