#include "store/sqlite/sqlite_catalog.h"

#include <utility>

#include "store/sqlite/rows.h"

namespace omakase::store::sqlite {

namespace {

// The answer to an INSERT that does nothing when the id is taken.
template <typename Row>
Result<Row> inserted(Connection& db, Row row) {
  if (db.changes() == 0) return base::conflict("id_conflict", "The id " + row.id + " is already in use.");
  return row;
}

Result<std::vector<ThreadSummary>> list_threads(Connection& db, const ThreadQuery& query) {
  const Timestamp before = query.before.value_or(kEndOfTime);
  const std::int64_t limit = sql_limit(query.limit);
  if (query.project_id && query.agent_name) {
    return read_all(
        db.query(Sql::kThreadsOfProjectAndAgent, before, limit, query.include_archived, *query.project_id, *query.agent_name),
        read_thread_summary);
  }
  const Sql sql = query.project_id ? Sql::kThreadsOfProject : Sql::kThreadsOfAgent;
  const std::string key = query.project_id.value_or(query.agent_name.value_or(""));
  return read_all(db.query(sql, before, limit, query.include_archived, key), read_thread_summary);
}

template <typename Word>
std::optional<std::string_view> word_of(const std::optional<Word>& value) {
  if (!value) return std::nullopt;
  return model::word(*value);
}

}  // namespace

Task<Result<model::Project>> SqliteCatalog::create_project(model::Project project) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::Project> {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertProject, project.id, project.name, project.repo_url, project.default_branch,
                                     project.created_at, project.archived_at));
    return inserted(context.db, project);
  });
}

Task<Result<std::optional<ProjectSummary>>> SqliteCatalog::project(std::string id) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kProject, id), read_project_summary); });
}

Task<Result<std::vector<ProjectSummary>>> SqliteCatalog::projects(bool include_archived, std::optional<Timestamp> before,
                                                                  std::size_t limit) {
  const Sql sql = include_archived ? Sql::kAllProjects : Sql::kOpenProjects;
  co_return co_await readers_.run([&](Connection& db) {
    return read_all(db.query(sql, before.value_or(kEndOfTime), sql_limit(limit)), read_project_summary);
  });
}

Task<Result<std::optional<model::Project>>> SqliteCatalog::update_project(std::string id, ProjectPatch patch) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) {
    return read_first(context.db.query(Sql::kUpdateProject, id, patch.name, patch.repo_url.has_value(),
                                       patch.repo_url.value_or(std::nullopt), patch.default_branch.has_value(),
                                       patch.default_branch.value_or(std::nullopt), patch.archived, context.clock.now()),
                      read_project);
  });
}

Task<Result<model::Thread>> SqliteCatalog::create_thread(model::Thread thread) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::Thread> {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertThread, thread.id, thread.agent_name, thread.project_id, thread.title,
                                     model::word(thread.mode), model::word(thread.status), thread.created_at,
                                     thread.last_message_at, thread.message_count, thread.agent_session));
    return inserted(context.db, thread);
  });
}

Task<Result<std::optional<ThreadSummary>>> SqliteCatalog::thread(std::string id) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kThread, id), read_thread_summary); });
}

Task<Result<std::vector<ThreadSummary>>> SqliteCatalog::threads(ThreadQuery query) {
  co_return co_await readers_.run([&](Connection& db) { return list_threads(db, query); });
}

Task<Result<std::optional<model::Thread>>> SqliteCatalog::update_thread(std::string id, ThreadPatch patch) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<std::optional<model::Thread>> {
    OMAKASE_CHECK(context.activity.write(context.db));  // the answer carries the thread's counters
    return read_first(context.db.query(Sql::kUpdateThread, id, patch.title, word_of(patch.status), word_of(patch.mode)),
                      read_thread);
  });
}

Task<Result<model::Memory>> SqliteCatalog::add_memory(model::Memory memory) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::Memory> {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertMemory, memory.id, memory.agent_name, memory.project_id, memory.content,
                                     memory.created_at));
    return inserted(context.db, memory);
  });
}

Task<Result<std::vector<model::Memory>>> SqliteCatalog::memories(std::string agent_name, std::string project_id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_all(db.query(Sql::kMemories, agent_name, project_id), read_memory); });
}

Task<Result<bool>> SqliteCatalog::delete_memory(std::string agent_name, std::string id) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteMemory, id, agent_name));
    return context.db.changes() > 0;
  });
}

Task<Result<void>> SqliteCatalog::add_login_code(std::string code_hash, Timestamp expires_at) {
  co_return co_await writer_.run(Undo::kBySavepoint, [&](WriteContext& context) -> Result<void> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteExpiredLoginCodes, context.clock.now()));
    return context.db.execute(Sql::kInsertLoginCode, code_hash, expires_at);
  });
}

Task<Result<bool>> SqliteCatalog::take_login_code(std::string code_hash) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    Query taken = context.db.query(Sql::kTakeLoginCode, code_hash);
    OMAKASE_TRY(const bool found, taken.step());
    return found && taken.time(0) > context.clock.now();
  });
}

Task<Result<void>> SqliteCatalog::add_login(Login login) {
  co_return co_await writer_.run(Undo::kBySavepoint, [&](WriteContext& context) -> Result<void> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteExpiredLogins, context.clock.now()));
    return context.db.execute(Sql::kInsertLogin, login.token_hash, login.user_id, login.expires_at);
  });
}

Task<Result<std::optional<Login>>> SqliteCatalog::login(std::string token_hash) {
  const Timestamp now = clock_.now();
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kLogin, token_hash, now), read_login); });
}

Task<Result<bool>> SqliteCatalog::remove_login(std::string token_hash) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteLogin, token_hash));
    return context.db.changes() > 0;
  });
}

}  // namespace omakase::store::sqlite
