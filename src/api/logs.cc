#include <charconv>

#include "api/api.h"
#include "api/decode.h"
#include "base/text.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxLines = 1'000;
constexpr std::size_t kMaxSource = 100;

base::Failure too_many() {
  return base::invalid("too_many", "A request has at most " + std::to_string(kMaxLines) + " lines.", "body");
}

void set_message(model::LogLine& line, std::string_view message) {
  line.message = base::utf8_prefix(message, model::kMaxLogMessageBytes);
}

Result<model::LogLevel> level_of(std::string_view text) {
  const auto level = model::parse_log_level(text);
  if (!level) return base::invalid("invalid_level", "\"level\" must be debug, info, warn or error.", "level");
  return *level;
}

Result<model::LogLine> line_of(const json::value& value, base::Timestamp now) {
  const json::object* object = value.if_object();
  if (!object) return base::invalid("invalid_type", "Each line must be an object with a \"message\".", "body");
  model::LogLine line{.timestamp = now};
  OMAKASE_TRY(const auto message, base::optional_string(*object, "message"));
  if (!message) return base::invalid("required", "\"message\" is required in each line.", "message");
  set_message(line, *message);
  OMAKASE_TRY(const auto timestamp, base::optional_string(*object, "timestamp"));
  if (timestamp) {
    const auto time = base::parse_timestamp(*timestamp);
    if (!time)
      return base::invalid("invalid_timestamp", "\"timestamp\" must be a time such as 2026-01-31T09:05:07.000123Z.", "timestamp");
    line.timestamp = *time;
  }
  OMAKASE_TRY(const auto level, base::optional_string(*object, "level"));
  if (level) {
    OMAKASE_TRY(line.level, level_of(*level));
  }
  OMAKASE_TRY(line.source, base::optional_string(*object, "source"));
  if (line.source && line.source->size() > kMaxSource)
    return base::invalid("too_long", "\"source\" has at most " + std::to_string(kMaxSource) + " bytes.", "source");
  return line;
}

Result<std::vector<model::LogLine>> lines_of_json(std::string_view body, base::Timestamp now) {
  OMAKASE_TRY(const json::value parsed, base::parse_json(body));
  const json::array* array = parsed.if_array();
  if (!array) return base::invalid("invalid_body", "The body must be an array of lines, or plain text.", "body");
  if (array->size() > kMaxLines) return too_many();
  std::vector<model::LogLine> lines;
  for (const json::value& value : *array) {
    OMAKASE_TRY(auto line, line_of(value, now));
    lines.push_back(std::move(line));
  }
  return lines;
}

// What a program prints may be anything; what of it is no UTF-8 is replaced.
Result<std::vector<model::LogLine>> lines_of_text(std::string_view body, base::Timestamp now) {
  std::vector<model::LogLine> lines;
  for (std::string_view text : base::split(body, '\n')) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (base::trim(text).empty()) continue;
    if (lines.size() == kMaxLines) return too_many();
    model::LogLine line{.timestamp = now};
    set_message(line, base::scrub_utf8(text));
    lines.push_back(std::move(line));
  }
  return lines;
}

Task<Result<net::Response>> append_log(Services& services, Call& call) {
  const std::string run_id = call.parameters["runId"];
  OMAKASE_CO_TRY(const auto run, co_await services.log.run(run_id));
  if (!run) co_return base::not_found("run_not_found", "There is no run with this id.");
  if (run->kind != model::RunKind::kExternal) {
    co_return base::conflict("managed_run", "This server carries the run out itself, and writes its log.");
  }
  const base::Timestamp now = services.clock.now();
  store::AppendLog append{.run_id = run_id, .require_active = true};
  OMAKASE_CO_TRY(append.lines,
                 is_text(call.request) ? lines_of_text(call.request.body, now) : lines_of_json(call.request.body, now));
  const std::size_t accepted = append.lines.size();
  store::Commit commit;
  commit.changes.emplace_back(std::move(append));
  OMAKASE_CO_CHECK(co_await services.feed.commit(std::move(commit)));
  co_return object_response(202, {{"accepted", accepted}});
}

Result<std::optional<std::int64_t>> line_parameter(const net::Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text || text->empty()) return std::nullopt;
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), n);
  if (error != std::errc() || end != text->data() + text->size() || n < 0) {
    return base::invalid("invalid_cursor", "\"" + std::string(name) + "\" must be the id of a line.", std::string(name));
  }
  return n;
}

Result<store::LogQuery> query_of(const Call& call) {
  store::LogQuery query{.project_id = call.parameters["projectId"]};
  OMAKASE_TRY(query.limit, page_limit(call.request));
  OMAKASE_TRY(query.since, line_parameter(call.request, "since"));
  OMAKASE_TRY(const auto cursor, line_parameter(call.request, "cursor"));
  if (cursor) (query.since ? query.since : query.before) = cursor;
  if (const auto level = call.request.parameter("level"); level && !level->empty()) {
    OMAKASE_TRY(query.level, level_of(*level));
  }
  for (const std::string_view agent : base::split(call.request.parameter("agents").value_or(""), ',')) {
    if (!agent.empty()) query.agents.emplace_back(agent);
  }
  query.text = call.request.parameter("q").value_or("");
  return query;
}

Task<Result<net::Response>> list_log(Services& services, Call& call) {
  OMAKASE_CO_TRY(store::LogQuery query, query_of(call));
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(query.project_id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  OMAKASE_CO_TRY(const store::LogPage page, co_await services.log.log_lines(std::move(query)));
  json::array items;
  for (const model::LogLine& line : page.lines) items.push_back(model::to_json(line));
  co_return object_response(
      200, {{"items", std::move(items)}, {"next", page.next ? json::value(std::to_string(*page.next)) : json::value(nullptr)}});
}

}  // namespace

void add_log_endpoints(Router& router, Services& services) {
  router.add(net::Method::kPost, "/api/agent-runs/:runId/log",
             {Access::kAdministratorOrRun, [&services](Call& call) { return append_log(services, call); }, Body::kJsonOrText});
  router.add(net::Method::kGet, "/api/projects/:projectId/logs",
             {Access::kViewer, [&services](Call& call) { return list_log(services, call); }});
}

}  // namespace omakase::api
