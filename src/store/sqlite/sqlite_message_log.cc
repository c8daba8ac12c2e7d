#include "store/sqlite/sqlite_message_log.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "store/sqlite/log_reads.h"
#include "store/sqlite/message_writes.h"
#include "store/sqlite/rows.h"
#include "store/sqlite/search_reads.h"

namespace omakase::store::sqlite {

namespace {

Sql statement_of(const MessageQuery& query) {
  switch (query.by) {
    case MessageQuery::By::kRun: return query.last ? Sql::kLastMessagesOfRun : Sql::kMessagesOfRun;
    case MessageQuery::By::kThread: return query.last ? Sql::kLastMessagesOfThread : Sql::kMessagesOfThread;
    case MessageQuery::By::kFeature: return query.last ? Sql::kLastMessagesOfFeature : Sql::kMessagesOfFeature;
  }
  std::unreachable();
}

Result<std::vector<model::Message>> list_messages(Connection& db, const MessageQuery& query) {
  const std::int64_t first = query.since ? query.since->micros + 1 : INT64_MIN;
  std::int64_t last = query.until ? query.until->micros : INT64_MAX;
  if (query.before) last = std::min(last, query.before->micros - 1);
  std::optional<std::string_view> sender;
  if (query.sender) sender = model::word(*query.sender);

  std::vector<model::Message> messages;
  std::size_t bytes = 0;
  Query rows = db.query(statement_of(query), query.id, first, last, sender, sql_limit(query.limit));
  while (bytes <= query.max_bytes) {
    OMAKASE_TRY(const bool more, rows.step());
    if (!more) break;
    messages.push_back(read_message(rows));
    bytes += messages.back().content.size();
  }
  if (query.last) std::ranges::reverse(messages);
  return messages;
}

}  // namespace

Task<Result<Committed>> SqliteMessageLog::commit(Commit commit) {
  const Undo undo = is_single_statement(commit) ? Undo::kByStatement : Undo::kBySavepoint;
  co_return co_await writer_.run(undo, [&](WriteContext& context) { return apply(context, commit); });
}

Task<Result<std::vector<model::Message>>> SqliteMessageLog::list(MessageQuery query) {
  co_return co_await readers_.run([&](Connection& db) { return list_messages(db, query); });
}

Task<Result<std::vector<model::Message>>> SqliteMessageLog::undelivered(std::string run_id) {
  co_return co_await readers_.run([&](Connection& db) { return read_all(db.query(Sql::kUndelivered, run_id), read_message); });
}

Task<Result<std::vector<model::Message>>> SqliteMessageLog::changed_messages(std::string run_id, std::size_t limit) {
  co_return co_await readers_.run([&](Connection& db) {
    auto messages = read_all(db.query(Sql::kChangedMessages, run_id, sql_limit(limit)), read_message);
    if (messages) std::ranges::reverse(*messages);
    return messages;
  });
}

Task<Result<std::optional<model::Message>>> SqliteMessageLog::find_message(std::string run_id, std::string message_id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_first(db.query(Sql::kFindMessage, run_id, message_id), read_message); });
}

Task<Result<std::vector<model::Permission>>> SqliteMessageLog::permissions(std::string run_id, bool pending_only) {
  const Sql sql = pending_only ? Sql::kPendingPermissions : Sql::kPermissions;
  co_return co_await readers_.run([&](Connection& db) { return read_all(db.query(sql, run_id), read_permission); });
}

Task<Result<std::optional<model::Permission>>> SqliteMessageLog::permission(std::string run_id, std::string request_id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_first(db.query(Sql::kPermission, run_id, request_id), read_permission); });
}

Task<Result<std::optional<model::Message>>> SqliteMessageLog::find_given(std::string id) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kMessageGiven, id), read_message); });
}

Task<Result<std::optional<model::Run>>> SqliteMessageLog::run(std::string run_id) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kRun, run_id), read_run); });
}

Task<Result<std::optional<model::Run>>> SqliteMessageLog::run_by_token(std::string token_hash) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kRunByToken, token_hash), read_run); });
}

Task<Result<std::optional<model::Run>>> SqliteMessageLog::active_session(std::string project_id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_first(db.query(Sql::kActiveSession, project_id), read_run); });
}

Task<Result<std::optional<model::Run>>> SqliteMessageLog::active_run_of_thread(std::string thread_id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_first(db.query(Sql::kActiveRunOfThread, thread_id), read_run); });
}

Task<Result<std::vector<model::Run>>> SqliteMessageLog::active_runs(model::RunKind kind) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_all(db.query(Sql::kActiveRuns, model::word(kind)), read_run); });
}

Task<Result<std::vector<model::Run>>> SqliteMessageLog::active_runs_of_project(std::string project_id, std::size_t limit) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_all(db.query(Sql::kActiveRunsOfProject, project_id, sql_limit(limit)), read_run); });
}

Task<Result<std::vector<model::Run>>> SqliteMessageLog::runs_of_project(std::string project_id, std::optional<Timestamp> before,
                                                                        std::size_t limit) {
  co_return co_await readers_.run([&](Connection& db) {
    return read_all(db.query(Sql::kRunsOfProject, project_id, before.value_or(kEndOfTime), sql_limit(limit)), read_run);
  });
}

Task<Result<LogPage>> SqliteMessageLog::log_lines(LogQuery query) {
  co_return co_await readers_.run([&](Connection& db) { return read_log(db, query); });
}

Task<Result<SearchPage>> SqliteMessageLog::search(SearchQuery query) {
  co_return co_await readers_.run([&](Connection& db) { return search_messages(db, query); });
}

Task<Result<std::vector<model::Run>>> SqliteMessageLog::runs_of_agent(std::string agent_name,
                                                                      std::optional<std::string> project_id,
                                                                      std::optional<Timestamp> before, std::size_t limit,
                                                                      std::optional<std::string> member) {
  const Timestamp end = before.value_or(kEndOfTime);
  co_return co_await readers_.run([&](Connection& db) {
    return read_all(project_id ? db.query(Sql::kRunsOfAgentInProject, agent_name, end, sql_limit(limit), *project_id, member)
                               : db.query(Sql::kRunsOfAgent, agent_name, end, sql_limit(limit), member),
                    read_run);
  });
}

Task<Result<model::RunTotals>> SqliteMessageLog::totals_of_agent(std::string agent_name, std::optional<std::string> project_id,
                                                                 std::optional<std::string> member) {
  co_return co_await readers_.run([&](Connection& db) -> Result<model::RunTotals> {
    Query totals = project_id ? db.query(Sql::kTotalsOfAgentInProject, agent_name, *project_id, member)
                              : db.query(Sql::kTotalsOfAgent, agent_name, member);
    OMAKASE_CHECK(totals.step());
    return read_run_totals(totals);
  });
}

Task<Result<Timestamp>> SqliteMessageLog::head() {
  co_return co_await readers_.run([](Connection& db) -> Result<Timestamp> {
    Query head = db.query(Sql::kHead);
    OMAKASE_CHECK(head.step());
    return head.time(0);  // null, of an empty table, reads as zero
  });
}

}  // namespace omakase::store::sqlite
