#include "agents/inbox.h"

#include <algorithm>

#include "base/ids.h"

namespace omakase::agents {

// A message that was never changed keeps the name that it has always had, so that a repeat is recognised: after a restart, and
// when the thread's next run takes it over.
std::string Inbox::name_of(const Entry& entry) const {
  std::string id = entry.message.id;
  if (entry.message.revision > 0) id += ".r" + std::to_string(entry.message.revision);
  if (entry.attempt > 0) id += ".a" + std::to_string(entry.attempt);
  return base::derived_uuid(entry.message.first_run_id.empty() ? run_id_ : entry.message.first_run_id, id);
}

void Inbox::put(const model::Message& message) {
  if (message.delivered_at || message.withdrawn_at) return remove(message.id);
  Entry* entry = find(message.id);
  if (!entry) entry = &entries_.emplace_back();
  if (entry->message.revision != message.revision) entry->attempt = 0;
  entry->message = message;
  entry->uuid = name_of(*entry);
}

void Inbox::remove(std::string_view message_id) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.message.id == message_id; });
}

void Inbox::order(const std::vector<std::string>& message_ids) {
  std::vector<std::size_t> places;
  std::vector<Entry> moved;
  for (const std::string& id : message_ids) {
    const auto at = std::ranges::find(entries_, id, [](const Entry& entry) { return entry.message.id; });
    if (at == entries_.end()) continue;
    places.push_back(static_cast<std::size_t>(at - entries_.begin()));
    moved.push_back(*at);
  }
  std::ranges::sort(places);
  for (std::size_t i = 0; i < places.size(); ++i) entries_[places[i]] = std::move(moved[i]);
}

Inbox::Entry* Inbox::find(std::string_view message_id) {
  const auto at =
      std::ranges::find(entries_, message_id, [](const Entry& entry) -> std::string_view { return entry.message.id; });
  return at == entries_.end() ? nullptr : &*at;
}

Inbox::Entry* Inbox::find_uuid(std::string_view uuid) {
  const auto at = std::ranges::find(entries_, uuid, [](const Entry& entry) -> std::string_view { return entry.uuid; });
  return at == entries_.end() ? nullptr : &*at;
}

Inbox::Entry* Inbox::to_read() {
  const auto at =
      std::ranges::find_if(entries_, [](const Entry& entry) { return !entry.sent && !entry.ready() && !entry.reading; });
  return at == entries_.end() ? nullptr : &*at;
}

std::vector<Inbox::Entry*> Inbox::sendable(bool idle) {
  std::vector<Entry*> ready;
  for (Entry& entry : entries_) {
    if (entry.sent || entry.changing || entry.message.queued) continue;
    if (!entry.ready()) return ready;
    ready.push_back(&entry);
  }
  if (!ready.empty() || !idle || expecting()) return ready;
  const auto held = std::ranges::find_if(entries_, [](const Entry& entry) { return !entry.changing; });
  if (held != entries_.end() && held->ready()) ready.push_back(&*held);
  return ready;
}

void Inbox::unsend() {
  for (Entry& entry : entries_) entry.sent = entry.opens_turn = entry.now = false;
}

void Inbox::take_back(Entry& entry) {
  entry.sent = entry.opens_turn = false;
  ++entry.attempt;
  entry.uuid = name_of(entry);
}

bool Inbox::expecting() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return entry.sent; });
}

bool Inbox::pressing() const {
  return std::ranges::any_of(entries_, [](const Entry& entry) { return !entry.changing; });
}

std::vector<std::string> Inbox::ids() const {
  std::vector<std::string> all;
  all.reserve(entries_.size());
  for (const Entry& entry : entries_) all.push_back(entry.message.id);
  return all;
}

}  // namespace omakase::agents
