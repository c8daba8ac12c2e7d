#include "feed/feed.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "feed/frames.h"

namespace omakase::feed {

namespace {

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
  bool starts = false;
  for (const store::Change& change : commit.changes) {
    starts = starts || std::holds_alternative<store::StartRun>(change);
    if (const auto* order = std::get_if<store::OrderWaiting>(&change)) orders.push_back(*order);
  }
  OMAKASE_CO_TRY(store::Committed committed, co_await log_.commit(std::move(commit)));
  if (starts && committed.run) begin(*committed.run, committed.updated);
  publish(committed, orders);
  if (starts && committed.run) tell_project(committed.run->id);
  if (!committed.appended.empty()) co_await hub_.wait_for_readers(run_topic(committed.appended.front().run_id));
  co_return committed;
}

// A run that begins here is known from its first message on.
void Feed::begin(const model::Run& run, const std::vector<model::Message>& taken_over) {
  Entry& entry = entries_[run.id];
  entry.live.belongs_to(run);
  for (const model::Message& message : taken_over) entry.live.stored(message);
  entry.loaded = true;
}

void Feed::publish(const store::Committed& committed, const std::vector<store::OrderWaiting>& orders) {
  if (committed.replayed) return;
  for (std::size_t i = 0; i < committed.appended.size(); ++i) {
    if (!committed.existed[i]) publish_message(committed.appended[i]);
  }
  for (const model::Message& message : committed.updated) publish_update(message);
  for (const store::OrderWaiting& order : orders) publish_order(order.run_id, order.message_ids);
  publish_permissions(committed.permissions);
  publish_log(committed.log);
  if (committed.run) publish_status(*committed.run);
}

void Feed::publish_message(const model::Message& message) {
  if (message.timestamp <= published_)
    base::log_error("published out of order", {{"run", message.run_id}, {"message", message.id}});
  published_ = std::max(published_, message.timestamp);
  const auto entry = entries_.find(message.run_id);
  if (entry != entries_.end()) entry->second.live.stored(message);
  const std::string thread_id = message.thread_id.value_or("");
  if (is_read(message.run_id, thread_id)) tell(message.run_id, thread_id, message_event(message));
  publish_activity(message);
  if (entry == entries_.end()) return;
  if (message.sender == model::Sender::kUser) tell_project(message.run_id);
  // A listener may leave while it is told.
  const auto listeners = entry->second.listeners;
  for (OnMessage* listener : listeners) (*listener)(message);
}

// That a project's conversation has something new: enough to count what a person has not read.
void Feed::publish_activity(const model::Message& message) {
  const std::string topic = project_topic(message.project_id);
  if (!hub_.has_readers(topic)) return;
  const json::object activity{{"runId", message.run_id},
                              {"threadId", message.thread_id ? json::value(*message.thread_id) : json::value(nullptr)},
                              {"messageId", message.id},
                              {"sender", model::word(message.sender)},
                              {"type", model::word(message.type)},
                              {"timestamp", base::format(message.timestamp)}};
  hub_.publish(topic, {"activity", json::serialize(activity), {}, {}});
}

void Feed::publish_update(const model::Message& message) {
  const auto entry = entries_.find(message.run_id);
  if (entry != entries_.end()) {
    const std::size_t waiting = entry->second.live.undelivered.size();
    entry->second.live.updated(message);
    const bool gone = message.delivered_at || message.withdrawn_at;
    if (!entry->second.loaded && gone) entry->second.received.push_back(message.id);
    if (waiting != entry->second.live.undelivered.size()) tell_project(message.run_id);
  }
  const std::string thread_id = message.thread_id.value_or("");
  if (is_read(message.run_id, thread_id)) tell(message.run_id, thread_id, message_updated_event(message));
}

void Feed::publish_order(const std::string& run_id, const std::vector<std::string>& message_ids) {
  LiveRun* run = live(run_id);
  if (!run) return;
  run->order(message_ids);
  tell(run_id, {"state", run->state_json(), {}, {}});
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
    tell(permission.run_id,
         {pending ? "permission-request" : "permission-resolved", json::serialize(model::to_json(permission)), {}, {}});
  }
}

void Feed::publish_status(const model::Run& run) {
  const auto entry = entries_.find(run.id);
  const bool over = !model::is_active(run.status);
  if (entry != entries_.end()) {
    LiveRun& live = entry->second.live;
    const bool changed = live.status != run.status;
    live.status = run.status;
    live.belongs_to(run);
    if (over) {
      live.presence = {};
      live.writing.clear();
      live.permissions.clear();
    }
    if (changed) {
      tell(run.id, {"run-status", json::serialize(live.status_json()), {}, {}});
      tell_project(run.id);
    }
  }
  if (entry == entries_.end() && on_standing_) {
    on_standing_({run.id, run.project_id, run.thread_id.value_or(""), run.agent_name, run.status, {}});
  }
  if (over) {
    tell(run.id, run.thread_id.value_or(""), close_event(run.status), true);
    release(run.id);
  }
}

// How a run stands, for those who read its project.
void Feed::tell_project(const std::string& run_id) {
  const LiveRun* run = live(run_id);
  if (!run) return;
  if (on_standing_) {
    const bool asked_before = !run->permissions.empty() && run->permissions.back().request_id == run->asked_before;
    on_standing_({run_id, run->project_id, run->thread_id, run->agent_name, run->status, run->presence, asked_before});
  }
  const std::string topic = project_topic(run->project_id);
  if (hub_.has_readers(topic)) hub_.publish(topic, {"run-status", json::serialize(run->summary_json(run_id)), {}, {}});
}

// In events of a bounded size: an event is whole in the ring.
void Feed::publish_log(const std::vector<model::LogLine>& lines) {
  constexpr std::size_t kEventBytes = 64 * 1024;
  for (std::size_t i = 0; i < lines.size();) {
    const std::string topic = project_topic(lines[i].project_id);
    if (!hub_.has_readers(topic)) return;
    json::array told;
    for (std::size_t bytes = 0; i < lines.size() && bytes < kEventBytes; ++i) {
      bytes += lines[i].message.size();
      told.push_back(model::to_json(lines[i]));
    }
    hub_.publish(topic, {"log", json::serialize(json::object{{"lines", std::move(told)}}), {}, {}});
  }
}

void Feed::thread_changed(const model::Thread& thread) {
  const std::string topic = project_topic(thread.project_id);
  if (hub_.has_readers(topic)) hub_.publish(topic, {"thread", json::serialize(model::to_json(thread)), {}, {}});
}

void Feed::thread_deleted(const model::Thread& thread) {
  const std::string topic = project_topic(thread.project_id);
  if (hub_.has_readers(topic))
    hub_.publish(topic, {"thread-deleted", json::serialize(json::object{{"threadId", thread.id}}), {}, {}});
}

void Feed::thread_read(const model::Thread& thread, const std::string& user_id, Timestamp read_at) {
  const std::string topic = project_topic(thread.project_id);
  if (!hub_.has_readers(topic)) return;
  const json::object read{{"threadId", thread.id}, {"userId", user_id}, {"timestamp", base::format(read_at)}};
  hub_.publish(topic, {"read", json::serialize(read), {}, {}});
}

void Feed::tell(const std::string& run_id, std::string_view thread_id, Event event, bool close) {
  hub_.publish(run_topic(run_id), event, close);
  if (thread_id.empty()) return;
  event.run = run_id;
  hub_.publish(thread_topic(thread_id), event);
}

bool Feed::is_read(const std::string& run_id, std::string_view thread_id) const {
  return hub_.has_readers(run_topic(run_id)) || (!thread_id.empty() && hub_.has_readers(thread_topic(thread_id)));
}

std::string_view Feed::thread_of(const std::string& run_id) const {
  const auto entry = entries_.find(run_id);
  return entry == entries_.end() ? std::string_view() : entry->second.live.thread_id;
}

// Of a run that is over what somebody listens to or reads stays; the rest can be loaded again.
void Feed::release(const std::string& run_id) {
  const auto entry = entries_.find(run_id);
  if (entry == entries_.end() || model::is_active(entry->second.live.status)) return;
  if (entry->second.listeners.empty() && !hub_.has_readers(run_topic(run_id))) entries_.erase(entry);
}

LiveRun* Feed::live(const std::string& run_id) {
  const auto entry = entries_.find(run_id);
  return entry == entries_.end() ? nullptr : &entry->second.live;
}

void Feed::message_start(const std::string& run_id, const std::string& message_id, model::Role role) {
  LiveRun* run = live(run_id);
  if (!run || run->find_writing(message_id)) return;
  run->writing.push_back({message_id, std::string(model::word(role)), {}, {}});
  tell(run_id, message_start_event(message_id, model::word(role)));
}

void Feed::content_delta(const std::string& run_id, const std::string& message_id, std::string_view delta) {
  LiveRun* run = live(run_id);
  LiveRun::Writing* writing = run ? run->find_writing(message_id) : nullptr;
  if (!writing || delta.empty() || writing->text.size() + delta.size() > 4 * model::kMaxContentBytes) return;
  const std::size_t offset = utf16_length(writing->text);
  writing->text += delta;
  if (is_read(run_id, run->thread_id)) tell(run_id, run->thread_id, content_delta_event(message_id, offset, delta));
}

void Feed::tool_use(const std::string& run_id, const std::string& message_id, const model::ToolUse& use) {
  LiveRun* run = live(run_id);
  LiveRun::Writing* writing = run ? run->find_writing(message_id) : nullptr;
  if (writing) writing->tool_uses.push_back(use);
  tell(run_id, tool_use_event(message_id, use));
}

void Feed::tool_result(const std::string& run_id, const std::string& message_id, const model::ToolUse& use) {
  tell(run_id, tool_result_event(message_id, use));
}

void Feed::message_complete(const std::string& run_id, const std::string& message_id) {
  tell(run_id, {"message-complete", json::serialize(json::object{{"messageId", message_id}}), {}, {}});
}

void Feed::message_dropped(const std::string& run_id, const std::string& message_id) {
  if (LiveRun* run = live(run_id)) std::erase_if(run->writing, [&](const auto& one) { return one.message_id == message_id; });
  const json::object error{{"messageId", message_id},
                           {"code", "interrupted"},
                           {"detail", "The answer broke off and the agent began again."},
                           {"retryable", true}};
  tell(run_id, {"message-error", json::serialize(error), {}, {}});
}

void Feed::setup_output(const std::string& run_id, std::string_view step, std::string_view text) {
  tell(run_id, {"setup-output", json::serialize(json::object{{"step", step}, {"text", text}}), {}, {}});
}

void Feed::set_presence(const std::string& run_id, model::RunPresence presence) {
  LiveRun* run = live(run_id);
  if (!run || (run->presence.busy == presence.busy && run->presence.attention == presence.attention)) return;
  run->presence = std::move(presence);
  tell(run_id, {"run-status", json::serialize(run->status_json()), {}, {}});
  tell(run_id, {"state", run->state_json(), {}, {}});
  tell_project(run_id);
}

void Feed::set_session(const std::string& run_id, json::object session) {
  LiveRun* run = live(run_id);
  if (!run || run->session == session) return;
  run->session = std::move(session);
  tell(run_id, {"session", json::serialize(*run->session), {}, {}});
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
  if (!permissions.empty()) entry.live.asked_before = permissions.back().request_id;
  for (const model::Permission& permission : permissions) {
    if (std::ranges::find(entry.received, permission.request_id) == entry.received.end()) entry.live.asked(permission);
  }
  for (const model::Permission& permission : asked) entry.live.asked(permission);
  if (run) entry.live.belongs_to(*run);
  // A status that was published while we read is newer than what was read.
  if (run && model::is_active(entry.live.status)) entry.live.status = std::max(entry.live.status, run->status);
  entry.received.clear();
  entry.loaded = true;
  co_return Result<void>();
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
