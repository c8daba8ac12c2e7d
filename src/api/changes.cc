#include "agents/changes.h"

#include "api/api.h"
#include "api/decode.h"

namespace omakase::api {

namespace {

// A comparison costs a core for as long as it takes.
constexpr long kMaxAtOnce = 4;
// A patch that is larger breaks off, so that nobody takes it for whole.
constexpr std::size_t kMaxPatch = std::size_t{256} << 20;

Task<Result<model::Project>> project_of(Services& services, const std::string& run_id) {
  OMAKASE_CO_TRY(const auto run, co_await services.log.run(run_id));
  if (!run || !model::is_session(run->kind))
    co_return base::not_found("session_not_found", "There is no work session with this id.");
  OMAKASE_CO_TRY(const auto summary, co_await services.catalog.project(run->project_id));
  if (!summary) co_return base::conflict("no_workspace", "The project of this session is gone.");
  co_return summary->project;
}

Task<> write_patch(std::shared_ptr<agents::Comparison> comparison, std::shared_ptr<const void> place, net::BodyWriter& writer) {
  for (std::size_t written = 0; written < kMaxPatch;) {
    const auto piece = co_await comparison->next();
    if (!piece) break;
    if (piece->empty() || !co_await writer.write(*piece)) co_return;
    written += piece->size();
  }
  writer.abort();
}

// `place`: one of those that may compare at once, given back when nobody holds it any more.
Task<Result<net::Response>> download(const agents::SessionOptions& options, const model::Project& project,
                                     std::shared_ptr<const void> place) {
  OMAKASE_CO_TRY(auto started, co_await agents::Comparison::start(options, project, agents::Comparison::Style::kPatch));
  std::shared_ptr<agents::Comparison> comparison = std::move(started);
  net::Response response;
  response.content_type = "text/x-patch";
  response.with("Content-Disposition", "attachment; filename=\"" + project.id + ".patch\"");
  response.producer = [comparison, place](net::BodyWriter& writer) { return write_patch(comparison, place, writer); };
  co_return response;
}

Task<Result<net::Response>> show_changes(Services& services, std::shared_ptr<const void> places, Call& call) {
  const std::string format = call.request.parameter("format").value_or("json");
  if (format != "json" && format != "patch") {
    co_return base::invalid("invalid_format", "\"format\" must be json or patch.", "format");
  }
  OMAKASE_CO_TRY(const model::Project project, co_await project_of(services, call.parameters["runId"]));
  if (places.use_count() > kMaxAtOnce + 1) {
    co_return base::fail(base::ErrorKind::kUnavailable, "diff_failed", "Several comparisons are running; try again.");
  }
  const agents::SessionOptions& options = services.sessions.options();
  if (format == "patch") co_return co_await download(options, project, std::move(places));
  OMAKASE_CO_TRY(const json::object changes, co_await agents::read_changes(options, project));
  co_return object_response(200, changes);
}

}  // namespace

void add_changes_endpoints(Router& router, Services& services) {
  // Whoever compares holds a share of it; the endpoint holds one itself.
  const std::shared_ptr<const void> places = std::make_shared<int>();
  router.add(net::Method::kGet, "/api/work-sessions/:runId/diff",
             {Access::kViewer, [&services, places](Call& call) { return show_changes(services, places, call); }});
}

}  // namespace omakase::api
