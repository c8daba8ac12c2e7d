// The reading side of Feed: where a stream begins, what it is filled with, and how things stand when it joins.
#include <algorithm>
#include <utility>

#include "feed/feed.h"
#include "net/sse.h"

namespace omakase::feed {

namespace {

constexpr std::size_t kMaxTail = 1000;
constexpr std::size_t kMaxActiveRuns = 1000;  // of a project

bool is_about(const std::string& topic, std::string_view prefix) { return topic.starts_with(prefix); }
std::string id_in(const std::string& topic) { return topic.substr(topic.find(':') + 1); }

std::string topic_of(const store::MessageQuery& query) {
  return query.by == store::MessageQuery::By::kThread ? thread_topic(query.id) : run_topic(query.id);
}

store::MessageQuery query_of(const std::string& topic) {
  using By = store::MessageQuery::By;
  return {.by = is_about(topic, kThreadPrefix) ? By::kThread : By::kRun, .id = id_in(topic)};
}

}  // namespace

Feed::Cursor Feed::read_cursor(const std::optional<std::string>& text) const {
  if (!text || text->empty()) return {};
  const auto since = base::parse_timestamp(*text);
  if (!since || since->micros < 0 || *since > published_) return {.since = {}, .given = true, .reset = true};
  return {.since = *since, .given = true, .reset = false};
}

Task<Result<Timestamp>> Feed::tail_start(store::MessageQuery query, std::size_t tail) {
  query.last = true;
  query.limit = std::min(tail, kMaxTail) + 1;
  const std::size_t limit = query.limit;
  OMAKASE_CO_TRY(const auto last, co_await log_.list(std::move(query)));
  co_return last.size() == limit ? last.front().timestamp : Timestamp{};
}

Task<Result<bool>> Feed::nothing_newer(std::vector<TopicRange> topics, Timestamp since) {
  for (const TopicRange& range : topics) {
    store::MessageQuery query = query_of(range.topic);
    query.since = std::max(range.since, since);
    query.limit = 1;
    OMAKASE_CO_TRY(const auto newer, co_await log_.list(std::move(query)));
    if (!newer.empty()) co_return false;
  }
  co_return true;
}

Task<Result<StreamPlan>> Feed::plan_stream(StreamRequest request) {
  OMAKASE_CO_TRY(std::optional<model::Run> run, co_await log_.run(request.run_id));
  if (!run) co_return base::not_found("run_not_found", "There is no run with this id.");
  const Cursor cursor = read_cursor(request.last_event_id);
  StreamPlan plan;
  net::append_preamble(plan.preamble, request.retry_ms);
  if (cursor.reset) plan.preamble += frame(reset_event());
  TopicRange range{run_topic(run->id), cursor.since};
  if (!cursor.given && request.tail) {
    OMAKASE_CO_TRY(range.since, co_await tail_start(query_of(range.topic), *request.tail));
  }
  plan.topics.push_back(std::move(range));
  if (cursor.given && !model::is_active(run->status)) {
    OMAKASE_CO_TRY(plan.nothing_more, co_await nothing_newer(plan.topics, {}));
  }
  co_return plan;
}

// Where one topic of several begins.
Task<Result<void>> Feed::add_topic(StreamPlan& plan, store::MessageQuery query, StreamsRequest::Topic topic, Cursor cursor,
                                   std::optional<std::size_t> tail) {
  query.id = topic.id;
  TopicRange range{topic_of(query), {}};
  const Cursor own = read_cursor(topic.since);
  if (cursor.reset || own.reset) {
    plan.preamble += frame_in(range.topic, reset_event());
  } else if (own.given) {
    range.since = own.since;
  } else if (!cursor.given && tail) {
    OMAKASE_CO_TRY(range.since, co_await tail_start(std::move(query), *tail));
  }
  plan.topics.push_back(std::move(range));
  co_return Result<void>();
}

Task<Result<StreamPlan>> Feed::plan_streams(StreamsRequest request) {
  using By = store::MessageQuery::By;
  const Cursor cursor = read_cursor(request.last_event_id);
  StreamPlan plan{.since = cursor.since};
  net::append_preamble(plan.preamble, request.retry_ms);
  bool over = request.threads.empty() && request.projects.empty();
  bool resumed = true;
  for (StreamsRequest::Topic& topic : request.runs) {
    OMAKASE_CO_TRY(const auto run, co_await log_.run(topic.id));
    if (!run) co_return base::not_found("run_not_found", "There is no run with the id " + topic.id + ".");
    // A message goes out once: a run of a thread that is read comes with it.
    const bool in_thread = std::ranges::any_of(request.threads, [&](const auto& thread) { return run->thread_id == thread.id; });
    if (in_thread) continue;
    over = over && !model::is_active(run->status);
    resumed = resumed && (cursor.given || topic.since);
    OMAKASE_CO_CHECK(co_await add_topic(plan, {.by = By::kRun}, std::move(topic), cursor, request.tail));
  }
  for (StreamsRequest::Topic& topic : request.threads) {
    OMAKASE_CO_CHECK(co_await add_topic(plan, {.by = By::kThread}, std::move(topic), cursor, request.tail));
  }
  for (const StreamsRequest::Topic& topic : request.projects) plan.topics.push_back({project_topic(topic.id), {}});
  if (over && resumed) {
    OMAKASE_CO_TRY(plan.nothing_more, co_await nothing_newer(plan.topics, plan.since));
  }
  co_return plan;
}

void Feed::open_stream(int fd, StreamPlan plan, StreamOwner owner) {
  hub_.subscribe(std::move(plan.topics.front().topic), fd, plan.topics.front().since, std::move(plan.preamble), owner);
}

void Feed::open_streams(int fd, StreamPlan plan, StreamOwner owner) {
  hub_.subscribe(std::move(plan.topics), fd, plan.since, std::move(plan.preamble), owner);
}

// A run that begins later is known from its beginning; what is loaded here are those that were there before.
Task<Result<void>> Feed::load_topic(std::string topic) {
  const std::string id = id_in(topic);
  if (is_about(topic, kRunPrefix)) co_return co_await load(id);
  std::vector<model::Run> runs;
  if (is_about(topic, kThreadPrefix)) {
    OMAKASE_CO_TRY(auto run, co_await log_.active_run_of_thread(id));
    if (run) runs.push_back(*std::move(run));
  } else {
    OMAKASE_CO_TRY(runs, co_await log_.active_runs_of_project(id, kMaxActiveRuns));
  }
  for (const model::Run& run : runs) {
    OMAKASE_CO_CHECK(co_await load(run.id));
    release(run.id);  // it may have ended meanwhile
  }
  co_return Result<void>();
}

Task<Result<TopicSource::Page>> Feed::replay(std::string topic, Timestamp since, Timestamp until, Limit limit) {
  if (is_about(topic, kProjectPrefix)) co_return Page{{}, true};
  store::MessageQuery query = query_of(topic);
  query.since = since;
  query.until = until;
  query.limit = limit.events;
  query.max_bytes = limit.bytes;
  OMAKASE_CO_TRY(const auto messages, co_await log_.list(std::move(query)));
  Page page;
  std::size_t bytes = 0;
  for (const model::Message& message : messages) {
    page.events.push_back(message_event(message));
    if (is_about(topic, kThreadPrefix)) page.events.back().run = message.run_id;
    bytes += message.content.size();
  }
  page.end = messages.size() < limit.events && bytes <= limit.bytes;
  co_return page;
}

TopicSource::Snapshot Feed::snapshot(const std::string& topic) {
  const std::string id = id_in(topic);
  Snapshot snapshot;
  if (is_about(topic, kRunPrefix)) {
    const LiveRun* run = live(id);
    if (!run) return {};
    snapshot.events = run->snapshot();
    snapshot.over = !model::is_active(run->status);
    if (snapshot.over) snapshot.events.push_back(close_event(run->status));
  } else if (is_about(topic, kThreadPrefix)) {
    for (const auto& [run_id, entry] : entries_) {
      if (entry.live.thread_id != id || !model::is_active(entry.live.status)) continue;
      for (Event& event : entry.live.snapshot()) {
        event.run = run_id;
        snapshot.events.push_back(std::move(event));
      }
    }
    if (snapshot.events.empty()) snapshot.events.push_back({"state", "null", {}, {}});
  } else {
    json::array runs;
    for (const auto& [run_id, entry] : entries_) {
      if (entry.live.project_id == id && model::is_active(entry.live.status)) runs.push_back(entry.live.summary_json(run_id));
    }
    snapshot.events.push_back({"state", json::serialize(json::object{{"runs", std::move(runs)}}), {}, {}});
  }
  return snapshot;
}

void Feed::unread(const std::string& topic) {
  if (is_about(topic, kRunPrefix)) release(id_in(topic));
}

}  // namespace omakase::feed
