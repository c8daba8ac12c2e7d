#include "feed/feed.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "feed/frames.h"
#include "net/sse.h"

namespace omakase::feed {

namespace {

constexpr std::size_t kPageMessages = 500;
constexpr std::size_t kPageBytes = 256 * 1024;

std::string topic_of(const std::string& run_id) { return "run:" + run_id; }
std::string run_of(const std::string& topic) { return topic.substr(4); }

std::string close_frame(model::RunStatus status) {
  return event_frame("close", json::serialize(json::object{{"status", model::word(status)}}));
}

std::string run_status_json(const LiveRun& live) {
  return json::serialize(
      json::object{{"status", model::word(live.status)},
                   {"busy", live.presence.busy},
                   {"attention", live.presence.attention ? json::value(*live.presence.attention) : json::value(nullptr)}});
}

// How many UTF-16 code units a browser counts for this text.
std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

}  // namespace

Feed::Feed(runtime::Executor executor, store::MessageLog& log, std::size_t stream_threads)
    : log_(log), hub_(std::move(executor), *this, stream_threads) {}

Feed::~Feed() = default;

Task<Result<void>> Feed::start() {
  OMAKASE_CO_TRY(published_, co_await log_.head());
  co_return Result<void>();
}

Task<> Feed::stop() { co_await hub_.stop(); }

Task<Result<store::Committed>> Feed::commit(store::Commit commit) {
  std::vector<store::OrderWaiting> orders;
  for (const store::Change& change : commit.changes) {
    if (const auto* order = std::get_if<store::OrderWaiting>(&change)) orders.push_back(*order);
  }
  OMAKASE_CO_TRY(store::Committed committed, co_await log_.commit(std::move(commit)));
  publish(committed, orders);
  if (!committed.appended.empty()) co_await hub_.wait_for_readers(topic_of(committed.appended.front().run_id));
  co_return committed;
}

void Feed::publish(const store::Committed& committed, const std::vector<store::OrderWaiting>& orders) {
  if (committed.replayed) return;
  for (std::size_t i = 0; i < committed.appended.size(); ++i) {
    if (!committed.existed[i]) publish_message(committed.appended[i]);
  }
  for (const model::Message& message : committed.updated) publish_update(message);
  for (const store::OrderWaiting& order : orders) publish_order(order.run_id, order.message_ids);
  publish_permissions(committed.permissions);
  if (committed.run) publish_status(*committed.run);
}

void Feed::publish_message(const model::Message& message) {
  if (message.timestamp <= published_)
    base::log_error("published out of order", {{"run", message.run_id}, {"message", message.id}});
  published_ = std::max(published_, message.timestamp);
  const auto entry = entries_.find(message.run_id);
  if (entry != entries_.end()) entry->second.live.stored(message);
  if (const std::string topic = topic_of(message.run_id); hub_.has_readers(topic))
    hub_.publish(topic, message_frame(message), message.timestamp);
  if (entry == entries_.end()) return;
  // A listener may leave while it is told.
  const auto listeners = entry->second.listeners;
  for (OnMessage* listener : listeners) (*listener)(message);
}

void Feed::publish_update(const model::Message& message) {
  const auto entry = entries_.find(message.run_id);
  if (entry != entries_.end()) {
    entry->second.live.updated(message);
    const bool gone = message.delivered_at || message.withdrawn_at;
    if (!entry->second.loaded && gone) entry->second.received.push_back(message.id);
  }
  hub_.publish(topic_of(message.run_id), message_updated_frame(message), {});
}

void Feed::publish_order(const std::string& run_id, const std::vector<std::string>& message_ids) {
  LiveRun* run = live(run_id);
  if (!run) return;
  run->order(message_ids);
  hub_.publish(topic_of(run_id), event_frame("state", run->state_json()), {});
}

// A request that was asked and answered in one commit is told once, as it ended.
void Feed::publish_permissions(const std::vector<model::Permission>& permissions) {
  for (std::size_t i = 0; i < permissions.size(); ++i) {
    const model::Permission& permission = permissions[i];
    const auto same = [&](const model::Permission& later) { return later.request_id == permission.request_id; };
    if (std::any_of(permissions.begin() + static_cast<std::ptrdiff_t>(i) + 1, permissions.end(), same)) continue;
    const bool pending = permission.status == model::PermissionStatus::kPending;
    if (const auto entry = entries_.find(permission.run_id); entry != entries_.end()) {
      entry->second.live.asked(permission);
      if (!entry->second.loaded && !pending) entry->second.received.push_back(permission.request_id);
    }
    hub_.publish(topic_of(permission.run_id),
                 event_frame(pending ? "permission-request" : "permission-resolved", json::serialize(model::to_json(permission))),
                 {});
  }
}

void Feed::publish_status(const model::Run& run) {
  const auto entry = entries_.find(run.id);
  const bool over = !model::is_active(run.status);
  if (entry != entries_.end()) {
    LiveRun& live = entry->second.live;
    const bool changed = live.status != run.status;
    live.status = run.status;
    if (over) {
      live.presence = {};
      live.writing.clear();
      live.permissions.clear();
    }
    if (changed && hub_.has_readers(topic_of(run.id)))
      hub_.publish(topic_of(run.id), event_frame("run-status", run_status_json(live)), {});
  }
  if (over) {
    hub_.publish(topic_of(run.id), close_frame(run.status), {}, true);
    release(run.id);
  }
}

// What somebody listens to or reads stays; the rest can be loaded again.
void Feed::release(const std::string& run_id) {
  const auto entry = entries_.find(run_id);
  if (entry != entries_.end() && entry->second.listeners.empty() && !hub_.has_readers(topic_of(run_id))) entries_.erase(entry);
}

LiveRun* Feed::live(const std::string& run_id) {
  const auto entry = entries_.find(run_id);
  return entry == entries_.end() ? nullptr : &entry->second.live;
}

void Feed::message_start(const std::string& run_id, const std::string& message_id, model::Role role) {
  LiveRun* run = live(run_id);
  if (!run || run->find_writing(message_id)) return;
  run->writing.push_back({message_id, std::string(model::word(role)), {}, {}});
  hub_.publish(topic_of(run_id), message_start_frame(message_id, model::word(role)), {});
}

void Feed::content_delta(const std::string& run_id, const std::string& message_id, std::string_view delta) {
  LiveRun* run = live(run_id);
  LiveRun::Writing* writing = run ? run->find_writing(message_id) : nullptr;
  if (!writing || delta.empty() || writing->text.size() + delta.size() > 4 * model::kMaxContentBytes) return;
  const std::size_t offset = utf16_length(writing->text);
  writing->text += delta;
  if (const std::string topic = topic_of(run_id); hub_.has_readers(topic))
    hub_.publish(topic, content_delta_frame(message_id, offset, delta), {});
}

void Feed::tool_use(const std::string& run_id, const std::string& message_id, const model::ToolUse& use) {
  LiveRun* run = live(run_id);
  LiveRun::Writing* writing = run ? run->find_writing(message_id) : nullptr;
  if (writing) writing->tool_uses.push_back(use);
  hub_.publish(topic_of(run_id), tool_use_frame(message_id, use), {});
}

void Feed::tool_result(const std::string& run_id, const std::string& message_id, const model::ToolUse& use) {
  hub_.publish(topic_of(run_id), tool_result_frame(message_id, use), {});
}

void Feed::message_complete(const std::string& run_id, const std::string& message_id) {
  hub_.publish(topic_of(run_id), event_frame("message-complete", json::serialize(json::object{{"messageId", message_id}})), {});
}

void Feed::message_dropped(const std::string& run_id, const std::string& message_id) {
  if (LiveRun* run = live(run_id)) std::erase_if(run->writing, [&](const auto& one) { return one.message_id == message_id; });
  hub_.publish(
      topic_of(run_id),
      event_frame("message-error", json::serialize(json::object{{"messageId", message_id},
                                                                {"code", "interrupted"},
                                                                {"detail", "The answer broke off and the agent began again."},
                                                                {"retryable", true}})),
      {});
}

void Feed::setup_output(const std::string& run_id, std::string_view step, std::string_view text) {
  hub_.publish(topic_of(run_id), event_frame("setup-output", json::serialize(json::object{{"step", step}, {"text", text}})), {});
}

void Feed::set_presence(const std::string& run_id, model::RunPresence presence) {
  LiveRun* run = live(run_id);
  if (!run || (run->presence.busy == presence.busy && run->presence.attention == presence.attention)) return;
  run->presence = std::move(presence);
  hub_.publish(topic_of(run_id), event_frame("run-status", run_status_json(*run)), {});
  hub_.publish(topic_of(run_id), event_frame("state", run->state_json()), {});
}

void Feed::set_session(const std::string& run_id, json::object session) {
  LiveRun* run = live(run_id);
  if (!run || run->session == session) return;
  run->session = std::move(session);
  hub_.publish(topic_of(run_id), event_frame("session", json::serialize(*run->session)), {});
}

model::RunPresence Feed::presence(const std::string& run_id) const {
  const auto entry = entries_.find(run_id);
  return entry == entries_.end() ? model::RunPresence{} : entry->second.live.presence;
}

// Reads what the run's entry needs from the store, once.
Task<Result<void>> Feed::load(std::string run_id) {
  if (const auto found = entries_.find(run_id); found != entries_.end() && found->second.loaded) co_return Result<void>();
  entries_.try_emplace(run_id);
  OMAKASE_CO_TRY(std::optional<model::Run> run, co_await log_.run(run_id));
  OMAKASE_CO_TRY(std::vector<model::Message> waiting, co_await log_.undelivered(run_id));
  OMAKASE_CO_TRY(std::vector<model::Message> changed, co_await log_.changed_messages(run_id, LiveRun::kMaxChanged));
  OMAKASE_CO_TRY(std::vector<model::Permission> permissions, co_await log_.permissions(run_id, true));
  Entry& entry = entries_[run_id];
  if (entry.loaded) co_return Result<void>();
  // What was published while we read is newer than what was read.
  std::vector<model::Message> newer = std::exchange(entry.live.changed, std::move(changed));
  for (const model::Message& message : newer) entry.live.updated(message);
  const std::vector<std::string> appended = std::exchange(entry.live.undelivered, {});
  for (const model::Message& message : waiting) {
    if (std::ranges::find(entry.received, message.id) == entry.received.end()) entry.live.stored(message);
  }
  for (const std::string& id : appended) {
    if (std::ranges::find(entry.live.undelivered, id) == entry.live.undelivered.end()) entry.live.undelivered.push_back(id);
  }
  const std::vector<model::Permission> asked = std::exchange(entry.live.permissions, {});
  for (const model::Permission& permission : permissions) {
    if (std::ranges::find(entry.received, permission.request_id) == entry.received.end()) entry.live.asked(permission);
  }
  for (const model::Permission& permission : asked) entry.live.asked(permission);
  // A status that was published while we read is newer than what was read.
  if (run && model::is_active(entry.live.status)) entry.live.status = std::max(entry.live.status, run->status);
  entry.received.clear();
  entry.loaded = true;
  co_return Result<void>();
}

Task<Result<StreamPlan>> Feed::plan_stream(StreamRequest request) {
  OMAKASE_CO_TRY(std::optional<model::Run> run, co_await log_.run(request.run_id));
  if (!run) co_return base::not_found("run_not_found", "There is no run with this id.");
  OMAKASE_CO_CHECK(co_await load(request.run_id));
  StreamPlan plan;
  net::append_preamble(plan.preamble, request.retry_ms);
  const bool has_cursor = request.last_event_id && !request.last_event_id->empty();
  if (has_cursor) {
    const auto cursor = base::parse_timestamp(*request.last_event_id);
    if (cursor && *cursor <= published_) {
      plan.since = *cursor;
    } else {
      plan.preamble += event_frame("reset", "{}");
    }
  } else if (request.tail) {
    const std::size_t tail = std::min<std::size_t>(*request.tail, 1000);
    OMAKASE_CO_TRY(auto last, co_await log_.list({.id = request.run_id, .last = true, .limit = tail + 1}));
    if (last.size() > tail) plan.since = last.front().timestamp;
  }
  if (has_cursor && !model::is_active(run->status)) {
    OMAKASE_CO_TRY(auto newer, co_await log_.list({.id = request.run_id, .since = plan.since, .limit = 1}));
    plan.nothing_more = newer.empty();
    if (plan.nothing_more) release(request.run_id);
  }
  co_return plan;
}

void Feed::open_stream(const std::string& run_id, int fd, StreamPlan plan) {
  hub_.subscribe(topic_of(run_id), fd, plan.since, std::move(plan.preamble));
}

Task<Result<TopicSource::Page>> Feed::replay(std::string topic, Timestamp since, Timestamp until) {
  OMAKASE_CO_TRY(
      auto messages,
      co_await log_.list({.id = run_of(topic), .since = since, .until = until, .limit = kPageMessages, .max_bytes = kPageBytes}));
  Page page;
  std::size_t bytes = 0;
  for (const model::Message& message : messages) {
    page.frames += message_frame(message);
    page.position = message.timestamp;
    bytes += message.content.size();
  }
  page.end = messages.size() < kPageMessages && bytes <= kPageBytes;
  co_return page;
}

TopicSource::Snapshot Feed::snapshot(const std::string& topic) {
  const LiveRun* run = live(run_of(topic));
  if (!run) return {};
  const bool over = !model::is_active(run->status);
  return {run->snapshot_frames() + (over ? close_frame(run->status) : ""), over};
}

void Feed::unread(const std::string& topic) {
  const LiveRun* run = live(run_of(topic));
  if (run && !model::is_active(run->status)) release(run_of(topic));
}

std::unique_ptr<Feed::Listener> Feed::listen(const std::string& run_id, OnMessage on_message) {
  return std::make_unique<Listener>(*this, run_id, std::move(on_message));
}

Feed::Listener::Listener(Feed& feed, std::string run_id, OnMessage on_message)
    : feed_(feed), run_id_(std::move(run_id)), on_message_(std::move(on_message)) {
  feed_.entries_[run_id_].listeners.push_back(&on_message_);
}

Feed::Listener::~Listener() {
  const auto entry = feed_.entries_.find(run_id_);
  if (entry == feed_.entries_.end()) return;
  entry->second.listeners.remove(&on_message_);
  feed_.release(run_id_);
}

}  // namespace omakase::feed
