#include "store/sqlite/waiting_writes.h"

#include <algorithm>
#include <utility>

#include "store/sqlite/rows.h"
#include "store/sqlite/run_writes.h"

namespace omakase::store::sqlite {

namespace {

struct Waiting {
  Timestamp timestamp;
  std::int64_t place = 0;  // lower comes first
};

// The waiting messages among the ids, each once, in the ids' order.
Result<std::vector<Waiting>> waiting_among(Connection& db, std::int64_t run, const std::vector<std::string>& ids) {
  std::vector<Waiting> found;
  for (const std::string& id : ids) {
    Query row = db.query(Sql::kWaitingPlace, run, id);
    OMAKASE_TRY(const bool waits, row.step());
    if (!waits) continue;
    const Waiting waiting{.timestamp = row.time(0), .place = row.integer(1)};
    const bool named_before = std::ranges::find(found, waiting.timestamp, &Waiting::timestamp) != found.end();
    if (!named_before) found.push_back(waiting);
  }
  return found;
}

// Whether anything is different now.
bool change_message(model::Message& message, const ChangeWaiting& change, Timestamp now) {
  if (change.withdraw) {
    message.content.clear();
    message.attachments.clear();
    message.queued = false;
    message.withdrawn_at = now;
    return true;
  }
  const bool new_content = change.content && *change.content != message.content;
  const bool new_place = change.queued && *change.queued != message.queued;
  if (new_content) {
    message.content = *change.content;
    message.edited_at = now;
  }
  if (new_place) message.queued = *change.queued;
  return new_content || new_place;
}

}  // namespace

Result<void> change_waiting(WriteContext& context, const ChangeWaiting& change, Committed& out) {
  OMAKASE_CHECK(stored_run(context, change.run_id));
  Connection& db = context.db;
  OMAKASE_TRY(auto found, read_first(db.query(Sql::kFindMessage, change.run_id, change.message_id), read_message));
  if (!found) return base::not_found("message_not_found", "There is no message " + change.message_id + " of a person.");
  model::Message& message = *found;
  const bool again = change.withdraw && message.withdrawn_at;
  if (message.withdrawn_at && !again) return base::conflict("withdrawn", "The message was withdrawn.");
  if (message.delivered_at && !again) return base::conflict("already_delivered", "The agent has received the message.");
  if (!again && change_message(message, change, context.clock.now())) {
    ++message.revision;
    OMAKASE_CHECK(db.execute(Sql::kChangeMessage, message.timestamp, message.content, message.queued, message.edited_at,
                             message.withdrawn_at, message.revision, stored_attachments(message.attachments)));
    if (change.withdraw) OMAKASE_CHECK(db.execute(Sql::kDetach, message.timestamp, context.clock.now()));
    if (change.withdraw && message.thread_id) OMAKASE_CHECK(db.execute(Sql::kThreadLostMessage, *message.thread_id));
  }
  out.updated.push_back(std::move(message));
  return {};
}

Result<void> order_waiting(WriteContext& context, const OrderWaiting& order, Committed& out) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context, order.run_id));
  OMAKASE_TRY(const std::vector<Waiting> waiting, waiting_among(context.db, run->n, order.message_ids));
  // They share out the places that they had: what is not named keeps its own, and newer messages come last.
  std::vector<std::int64_t> places;
  places.reserve(waiting.size());
  for (const Waiting& message : waiting) places.push_back(message.place);
  std::ranges::sort(places);
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i].place == places[i]) continue;
    OMAKASE_CHECK(context.db.execute(Sql::kSetWaitingPlace, waiting[i].timestamp, places[i]));
    OMAKASE_TRY(auto moved, read_first(context.db.query(Sql::kMessageAt, waiting[i].timestamp, order.run_id), read_message));
    if (moved) out.updated.push_back(*std::move(moved));
  }
  return {};
}

Result<void> take_over_waiting(WriteContext& context, const TakeOverWaiting& take, Committed& out) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context, take.run_id));
  if (!run->thread_id) return {};
  OMAKASE_CHECK(context.db.execute(Sql::kTakeOverWaiting, run->n, *run->thread_id));
  if (context.db.changes() == 0) return {};
  OMAKASE_TRY(auto taken, read_all(context.db.query(Sql::kUndelivered, take.run_id), read_message));
  for (model::Message& message : taken) {
    if (!message.first_run_id.empty()) out.updated.push_back(std::move(message));
  }
  return {};
}

}  // namespace omakase::store::sqlite
