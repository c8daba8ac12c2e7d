#include <charconv>

#include "api/api.h"
#include "api/decode.h"
#include "api/excerpt.h"
#include "base/text.h"

namespace omakase::api {

namespace {

constexpr std::size_t kMaxText = 200;
constexpr std::size_t kMaxHits = 200;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<store::SearchQuery::Place> decode_place(std::string_view cursor) {
  const auto parts = base::split(cursor, '~');
  if (parts.size() == 3) {
    const auto active_at = number(parts[0]);
    const auto before = number(parts[2]);
    if (active_at && before) return store::SearchQuery::Place{{*active_at}, std::string(parts[1]), {*before}};
  }
  return base::invalid("invalid_cursor", "\"cursor\" must be the \"next\" of an earlier answer.", "cursor");
}

std::string encode_place(const store::SearchQuery::Place& place) {
  return std::to_string(place.active_at.micros) + "~" + place.thread_id + "~" + std::to_string(place.before.micros);
}

json::object hit_json(const store::SearchHit& hit, const std::vector<std::string>& words) {
  json::object object{{"threadId", hit.thread.id},
                      {"agentName", hit.thread.agent_name},
                      {"title", hit.thread.title},
                      {"status", model::word(hit.thread.status)},
                      {"message", nullptr}};
  if (const auto& found = hit.message) {
    object["message"] = {{"id", found->id},
                         {"sender", model::word(found->sender)},
                         {"author", model::to_json(found->author)},
                         {"type", model::word(found->type)},
                         {"timestamp", base::format(found->timestamp)},
                         {"excerpt", excerpt(found->content, words)}};
  }
  return object;
}

Task<Result<net::Response>> search(Services& services, Call& call) {
  store::SearchQuery query{.project_id = call.parameters["projectId"]};
  const std::string text = call.request.parameter("q").value_or("");
  if (text.size() > kMaxText) {
    co_return base::invalid("too_long", "\"q\" has at most " + std::to_string(kMaxText) + " bytes.", "q");
  }
  query.words = search_words(text);
  if (query.words.empty()) co_return base::invalid("required", "\"q\" must have a word to search for.", "q");
  OMAKASE_CO_TRY(const std::size_t limit, page_limit(call.request, 50));
  query.limit = std::min(limit, kMaxHits);
  if (const auto cursor = call.request.parameter("cursor"); cursor && !cursor->empty()) {
    OMAKASE_CO_TRY(query.from, decode_place(*cursor));
  }
  OMAKASE_CO_TRY(const auto project, co_await services.catalog.project(query.project_id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  const std::vector<std::string> words = query.words;
  OMAKASE_CO_TRY(const store::SearchPage page, co_await services.log.search(std::move(query)));
  json::array items;
  for (const store::SearchHit& hit : page.hits) items.push_back(hit_json(hit, words));
  co_return object_response(
      200, {{"items", std::move(items)}, {"next", page.next ? json::value(encode_place(*page.next)) : json::value(nullptr)}});
}

}  // namespace

void add_search_endpoints(Router& router, Services& services) {
  router.add(net::Method::kGet, "/api/projects/:projectId/search",
             {Access::kViewer, [&services](Call& call) { return search(services, call); }});
}

}  // namespace omakase::api
