#include "api/api.h"
#include "api/decode.h"
#include "api/transcript.h"

namespace omakase::api {

namespace {

constexpr std::size_t kPageMessages = 200;
constexpr std::size_t kPageBytes = std::size_t{1} << 20;

struct Export {
  model::Thread thread;
  std::string project_name;
  base::Timestamp until;  // what is said from now on is not in it
  bool as_json;
};

std::string head_of(const Export& wanted) {
  if (!wanted.as_json) return transcript_head(wanted.thread, wanted.project_name);
  return R"({"thread":)" + json::serialize(model::to_json(wanted.thread)) + R"(,"messages":[)";
}

std::string text_of(const std::vector<model::Message>& messages, const Export& wanted, bool first) {
  const model::Agent* agent = model::find_agent(wanted.thread.agent_name);
  std::string text;
  for (const model::Message& message : messages) {
    if (!wanted.as_json) {
      text += transcript_entry(message, agent ? agent->display_name : std::string_view(wanted.thread.agent_name));
      continue;
    }
    text += std::exchange(first, false) ? "" : ",";
    model::append_json(text, message);
  }
  return text;
}

// A page at a time: a conversation may be larger than the memory that one request should take.
Task<> write_export(store::MessageLog& log, Export wanted, net::BodyWriter& writer) {
  if (!co_await writer.write(head_of(wanted))) co_return;
  std::optional<base::Timestamp> since;
  for (;;) {
    const auto messages = co_await log.list({.by = store::MessageQuery::By::kThread,
                                             .id = wanted.thread.id,
                                             .since = since,
                                             .until = wanted.until,
                                             .limit = kPageMessages,
                                             .max_bytes = kPageBytes});
    if (!messages) co_return writer.abort();
    if (messages->empty()) break;
    const std::string text = text_of(*messages, wanted, !since);
    since = messages->back().timestamp;
    if (!text.empty() && !co_await writer.write(text)) co_return;
  }
  if (wanted.as_json) co_await writer.write("]}");
}

Task<Result<net::Response>> export_thread(Services& services, Call& call) {
  const std::string format = call.request.parameter("format").value_or("markdown");
  if (format != "markdown" && format != "json") {
    co_return base::invalid("invalid_format", "\"format\" must be markdown or json.", "format");
  }
  OMAKASE_CO_TRY(const auto summary, co_await services.catalog.thread(call.parameters["threadId"]));
  if (!summary) co_return base::not_found("thread_not_found", "There is no thread with this id.");
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(summary->thread.project_id));
  OMAKASE_CO_TRY(const base::Timestamp head, co_await services.log.head());
  const bool as_json = format == "json";
  const Export wanted{summary->thread, project ? project->project.name : summary->thread.project_id, head, as_json};
  net::Response response;
  response.content_type = as_json ? "application/json" : "text/markdown; charset=utf-8";
  const std::string file = transcript_file_name(summary->thread) + (as_json ? ".json" : ".md");
  response.with("Content-Disposition", "attachment; filename=\"" + file + "\"");
  response.producer = [&log = services.log, wanted](net::BodyWriter& writer) { return write_export(log, wanted, writer); };
  co_return response;
}

}  // namespace

void add_export_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/api/threads/:threadId/export",
             {Access::kViewer, [&services](Call& call) { return export_thread(services, call); }});
}

}  // namespace omakase::api
