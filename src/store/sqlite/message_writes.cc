#include "store/sqlite/message_writes.h"

#include <algorithm>
#include <utility>

#include "store/sqlite/log_writes.h"
#include "store/sqlite/permission_writes.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/run_writes.h"
#include "store/sqlite/thread_writes.h"
#include "store/sqlite/waiting_writes.h"

namespace omakase::store::sqlite {

namespace {

class CommitWriter {
 public:
  CommitWriter(WriteContext& context, Committed& out) : context_(context), db_(context.db), out_(out) {}

  Result<void> operator()(AppendMessage& append);
  Result<void> operator()(const UpdateMessage& update);
  Result<void> operator()(const ChangeWaiting& change) { return change_waiting(context_, change, out_); }
  Result<void> operator()(const OrderWaiting& order) { return order_waiting(context_, order, out_); }
  Result<void> operator()(const TakeOverWaiting& take) { return take_over_waiting(context_, take, out_); }
  Result<void> operator()(const AskPermission& ask) { return ask_permission(context_, ask, out_); }
  Result<void> operator()(const ResolvePermission& resolve) { return resolve_permission(context_, resolve, out_); }
  Result<void> operator()(AppendLog& append) { return append_log(context_, append, out_); }
  Result<void> operator()(const StartRun& start) { return start_run(context_, start, out_); }
  Result<void> operator()(const UpdateRun& update) { return update_run(context_, update, out_); }
  Result<void> operator()(const DeleteThread& deletion) { return delete_thread(context_, deletion, out_); }
  Result<void> operator()(const RecordModelCall& record) { return record_model_call(context_, record, out_); }

 private:
  Result<bool> find_given(const AppendMessage& append);
  Result<void> insert(model::Message& message, std::int64_t run, bool given);
  Result<void> attach(const model::Message& message);

  WriteContext& context_;
  Connection& db_;
  Committed& out_;
};

Result<void> CommitWriter::operator()(AppendMessage& append) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context_, append.message.run_id));
  if (append.id_given) {
    OMAKASE_TRY(const bool found, find_given(append));
    if (found) return {};
  }
  if (append.require_active && !run->active) return ended(append.message.run_id);
  model::Message& message = append.message;
  message.project_id = run->project_id;
  message.feature_id = run->feature_id;
  if (!message.thread_id) message.thread_id = run->thread_id;
  message.timestamp = {std::max(context_.clock.now().micros, context_.newest.micros + 1)};
  OMAKASE_CHECK(insert(message, run->n, append.id_given));
  OMAKASE_CHECK(attach(message));
  context_.newest = message.timestamp;
  context_.counts.messages.fetch_add(1, std::memory_order_relaxed);
  if (message.thread_id) context_.activity.note(*message.thread_id, message.project_id, message.timestamp);
  out_.appended.push_back(std::move(message));
  out_.existed.push_back(false);
  return {};
}

// Whether the message was stored before; then it is the result.
Result<bool> CommitWriter::find_given(const AppendMessage& append) {
  OMAKASE_TRY(auto stored, read_first(db_.query(Sql::kMessageGiven, append.message.id), read_message));
  if (!stored) return false;
  const model::Message& wanted = append.message;
  const bool same_content = stored->revision > 0 || stored->content == wanted.content;
  const bool same_run = stored->run_id == wanted.run_id || stored->first_run_id == wanted.run_id;
  if (!same_run || stored->sender != wanted.sender || !same_content) return taken(wanted.id);
  out_.appended.push_back(*std::move(stored));
  out_.existed.push_back(true);
  return true;
}

// Each file belongs to one message; who is second is told.
Result<void> CommitWriter::attach(const model::Message& message) {
  for (const model::Attachment& attachment : message.attachments) {
    OMAKASE_CHECK(db_.execute(Sql::kAttach, attachment.id, message.timestamp, message.thread_id, message.project_id));
    if (db_.changes() == 0) {
      return base::conflict("attachment_used", "Another message has \"" + attachment.name + "\" already, or it is gone.");
    }
  }
  return {};
}

Result<void> CommitWriter::insert(model::Message& message, std::int64_t run, bool given) {
  std::optional<std::string_view> author;
  if (message.author) {
    Query name = db_.query(Sql::kNameOfUser, message.author->id);
    OMAKASE_TRY(const bool known, name.step());
    if (known) message.author->name = name.text(0);
    author = message.author->id;
  }
  std::optional<std::string_view> role;
  if (message.role) role = model::word(*message.role);
  std::optional<std::string> setup;
  if (message.setup) setup = boost::json::serialize(*message.setup);
  return db_.execute(Sql::kInsertMessage, message.timestamp, run, message.thread_id, message.feature_id, message.id, given,
                     model::word(message.sender), role, model::word(message.type), message.delivered_at, message.content,
                     stored_tool_uses(message.tool_uses), setup, message.queued, author, stored_attachments(message.attachments));
}

Result<void> CommitWriter::operator()(const UpdateMessage& update) {
  const auto uses = update.tool_uses ? stored_tool_uses(*update.tool_uses) : std::nullopt;
  OMAKASE_CHECK(db_.execute(Sql::kUpdateMessage, update.timestamp, update.run_id, update.delivered_at, uses));
  OMAKASE_TRY(auto message, read_first(db_.query(Sql::kMessageAt, update.timestamp, update.run_id), read_message));
  if (message) out_.updated.push_back(*std::move(message));
  return {};
}

}  // namespace

Result<Committed> apply(WriteContext& context, Commit& commit) {
  Committed out;
  if (commit.spool) {
    OMAKASE_TRY(const StoredRun* run, stored_run(context, commit.spool->run_id));
    if (run->spool_offset >= commit.spool->end) {
      out.replayed = true;
      return out;
    }
    OMAKASE_CHECK(context.db.execute(Sql::kSetSpoolOffset, commit.spool->run_id, commit.spool->end));
    context.runs.forget(commit.spool->run_id);
  }
  CommitWriter writer(context, out);
  for (Change& change : commit.changes) OMAKASE_CHECK(std::visit(writer, change));
  return out;
}

bool is_single_statement(const Commit& commit) {
  if (commit.spool || commit.changes.size() != 1) return false;
  const AppendMessage* append = std::get_if<AppendMessage>(&commit.changes.front());
  return append && append->message.attachments.empty();
}

}  // namespace omakase::store::sqlite
