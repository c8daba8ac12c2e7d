#include "store/sqlite/sqlite_catalog.h"

#include <boost/json.hpp>

#include <string>
#include <utility>

#include "store/sqlite/rows.h"

namespace omakase::store::sqlite {

namespace {

constexpr std::size_t kMaxUnreadThreads = 200;

Result<std::vector<Unread>> list_unread(Connection& db, const std::string& user_id, const std::string& project_id) {
  std::vector<Unread> found;
  Query threads = db.query(Sql::kThreadsToRead, project_id, user_id, sql_limit(kMaxUnreadThreads));
  for (;;) {
    OMAKASE_TRY(const bool more, threads.step());
    if (!more) return found;
    Unread thread{.thread_id = threads.text(0), .agent_name = threads.text(1)};
    Query news = db.query(Sql::kNewsOfThread, thread.thread_id, threads.time(2), sql_limit(Catalog::kMaxUnread));
    for (;;) {
      OMAKASE_TRY(const bool another, news.step());
      if (!another) break;
      ++thread.count;
    }
    if (thread.count > 0) found.push_back(std::move(thread));
  }
}

// The answer to an INSERT that does nothing when the id is taken.
template <typename Row>
Result<Row> inserted(Connection& db, Row row) {
  if (db.changes() == 0) return base::conflict("id_conflict", "The id " + row.id + " is already in use.");
  return row;
}

// The only column of the only row; nullopt for null and for no row.
Result<std::optional<std::string>> read_text(Query query) {
  OMAKASE_TRY(const bool found, query.step());
  return found ? query.optional_text(0) : std::nullopt;
}

Result<std::int64_t> count(Query query) {
  OMAKASE_CHECK(query.step());
  return query.integer(0);
}

Result<std::vector<ThreadSummary>> list_threads(Connection& db, const ThreadQuery& query) {
  const Timestamp before = query.before.value_or(kEndOfTime);
  const std::int64_t limit = sql_limit(query.limit);
  if (query.project_id && query.agent_name) {
    return read_all(db.query(Sql::kThreadsOfProjectAndAgent, before, limit, query.include_archived, *query.project_id,
                             *query.agent_name, query.member),
                    read_thread_summary);
  }
  const Sql sql = query.project_id ? Sql::kThreadsOfProject : Sql::kThreadsOfAgent;
  const std::string key = query.project_id.value_or(query.agent_name.value_or(""));
  return read_all(db.query(sql, before, limit, query.include_archived, key, query.member), read_thread_summary);
}

}  // namespace

Task<Result<model::Project>> SqliteCatalog::create_project(model::Project project, std::optional<std::string> sealed_git_token,
                                                           std::optional<std::string> member) {
  project.has_git_token = sealed_git_token.has_value();
  co_return co_await writer_.run(Undo::kBySavepoint, [&](WriteContext& context) -> Result<model::Project> {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertProject, project.id, project.name, project.repo_url, project.default_branch,
                                     project.created_at, project.archived_at, sealed_git_token, project.agent_network,
                                     project.trust_repository));
    OMAKASE_CHECK(inserted(context.db, project));
    if (member) OMAKASE_CHECK(context.db.execute(Sql::kInsertMember, project.id, *member));
    return project;
  });
}

Task<Result<std::optional<ProjectSummary>>> SqliteCatalog::project(std::string id) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kProject, id), read_project_summary); });
}

Task<Result<std::vector<ProjectSummary>>> SqliteCatalog::projects(bool include_archived, std::optional<Timestamp> before,
                                                                  std::size_t limit, std::optional<std::string> member) {
  const Sql sql = include_archived ? Sql::kAllProjects : Sql::kOpenProjects;
  co_return co_await readers_.run([&](Connection& db) {
    return read_all(db.query(sql, before.value_or(kEndOfTime), sql_limit(limit), member), read_project_summary);
  });
}

Task<Result<std::optional<model::Project>>> SqliteCatalog::update_project(std::string id, ProjectPatch patch) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) {
    return read_first(
        context.db.query(Sql::kUpdateProject, id, patch.name, patch.repo_url.has_value(), patch.repo_url.value_or(std::nullopt),
                         patch.default_branch.has_value(), patch.default_branch.value_or(std::nullopt), patch.archived,
                         context.clock.now(), patch.sealed_git_token.has_value(), patch.sealed_git_token.value_or(std::nullopt),
                         patch.agent_network.has_value(), patch.agent_network.value_or(std::nullopt), patch.trust_repository),
        read_project);
  });
}

Task<Result<std::optional<std::string>>> SqliteCatalog::sealed_git_token(std::string project_id) {
  co_return co_await readers_.run([&](Connection& db) { return read_text(db.query(Sql::kSealedGitToken, project_id)); });
}

Task<Result<std::vector<model::Variable>>> SqliteCatalog::variables(std::string project_id) {
  co_return co_await readers_.run([&](Connection& db) { return read_all(db.query(Sql::kVariables, project_id), read_variable); });
}

Task<Result<model::Variable>> SqliteCatalog::set_variable(std::string project_id, model::Variable variable) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::Variable> {
    OMAKASE_TRY(const std::int64_t others, count(context.db.query(Sql::kCountOtherVariables, project_id, variable.name)));
    if (others >= kMaxVariables) {
      return base::conflict("too_many", "A project has at most " + std::to_string(kMaxVariables) + " variables.");
    }
    OMAKASE_CHECK(context.db.execute(Sql::kSetVariable, project_id, variable.name, variable.sealed_value, variable.updated_at));
    return variable;
  });
}

Task<Result<bool>> SqliteCatalog::delete_variable(std::string project_id, std::string name) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteVariable, project_id, name));
    return context.db.changes() > 0;
  });
}

Task<Result<model::PermissionRule>> SqliteCatalog::add_permission_rule(model::PermissionRule rule, std::string input_digest) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::PermissionRule> {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertPermissionRule, rule.id, rule.project_id, rule.tool,
                                     boost::json::serialize(rule.input), input_digest, rule.created_at));
    OMAKASE_TRY(auto stored,
                read_first(context.db.query(Sql::kPermissionRule, rule.project_id, input_digest), read_permission_rule));
    if (!stored) return base::conflict("id_conflict", "The id " + rule.id + " is already in use.");
    return *std::move(stored);
  });
}

Task<Result<bool>> SqliteCatalog::has_permission_rule(std::string project_id, std::string input_digest) {
  co_return co_await readers_.run([&](Connection& db) -> Result<bool> {
    Query row = db.query(Sql::kPermissionRule, project_id, input_digest);
    return row.step();
  });
}

Task<Result<std::vector<model::PermissionRule>>> SqliteCatalog::permission_rules(std::string project_id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_all(db.query(Sql::kPermissionRules, project_id), read_permission_rule); });
}

Task<Result<bool>> SqliteCatalog::delete_permission_rule(std::string project_id, std::string id) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeletePermissionRule, id, project_id));
    return context.db.changes() > 0;
  });
}

Task<Result<std::optional<std::string>>> SqliteCatalog::agent_model(std::string agent_name) {
  co_return co_await readers_.run([&](Connection& db) { return read_text(db.query(Sql::kAgentModel, agent_name)); });
}

Task<Result<void>> SqliteCatalog::set_agent_model(std::string agent_name, std::optional<std::string> model) {
  co_return co_await writer_.run(
      Undo::kByStatement, [&](WriteContext& context) { return context.db.execute(Sql::kSetAgentModel, agent_name, model); });
}

Task<Result<std::optional<std::string>>> SqliteCatalog::personality(std::string agent_name) {
  co_return co_await readers_.run([&](Connection& db) { return read_text(db.query(Sql::kPersonality, agent_name)); });
}

Task<Result<void>> SqliteCatalog::set_personality(std::string agent_name, std::optional<std::string> content) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) {
    return content ? context.db.execute(Sql::kSetPersonality, agent_name, *content)
                   : context.db.execute(Sql::kDeletePersonality, agent_name);
  });
}

Task<Result<std::optional<model::Webhook>>> SqliteCatalog::webhook(std::string project_id) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kWebhook, project_id), read_webhook); });
}

Task<Result<void>> SqliteCatalog::set_webhook(std::string project_id, model::Webhook webhook) {
  const std::string kinds = stored_kinds(webhook.kinds);
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) {
    return context.db.execute(Sql::kSetWebhook, project_id, webhook.url, kinds, webhook.sealed_secret, webhook.created_at);
  });
}

Task<Result<bool>> SqliteCatalog::delete_webhook(std::string project_id) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteWebhook, project_id));
    return context.db.changes() > 0;
  });
}

Task<Result<void>> SqliteCatalog::set_webhook_delivery(std::string project_id, model::Webhook::Delivery delivery) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) {
    return context.db.execute(Sql::kSetWebhookDelivery, project_id, delivery.at, delivery.delivered, delivery.detail);
  });
}

Task<Result<void>> SqliteCatalog::add_attachment(model::AttachedFile file, std::string project_id, Timestamp created_at) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) {
    return context.db.execute(Sql::kInsertAttachment, file.about.id, project_id, file.about.name, file.about.media_type,
                              file.about.size, created_at, Blob{file.bytes});
  });
}

Task<Result<std::optional<StoredAttachment>>> SqliteCatalog::attachment(std::string id) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kAttachment, id), read_attachment); });
}

Task<Result<std::optional<model::AttachedFile>>> SqliteCatalog::attached_file(std::string id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_first(db.query(Sql::kAttachedFile, id), read_attached_file); });
}

Task<Result<void>> SqliteCatalog::delete_unused_attachments(Timestamp before) {
  co_return co_await writer_.run(
      Undo::kByStatement, [&](WriteContext& context) { return context.db.execute(Sql::kDeleteUnusedAttachments, before); });
}

Task<Result<model::Thread>> SqliteCatalog::create_thread(model::Thread thread) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::Thread> {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertThread, thread.id, thread.agent_name, thread.project_id, thread.title,
                                     model::word(thread.mode), model::word(thread.status), thread.created_at,
                                     thread.last_message_at, thread.message_count, thread.agent_session,
                                     model::word(thread.permission_mode), thread.model));
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
    return read_first(
        context.db.query(Sql::kUpdateThread, id, patch.title, stored_word(patch.status), stored_word(patch.mode),
                         stored_word(patch.permission_mode), patch.model.has_value(), patch.model.value_or(std::nullopt)),
        read_thread);
  });
}

Task<Result<void>> SqliteCatalog::mark_read(std::string user_id, std::string thread_id, Timestamp read_at) {
  co_return co_await writer_.run(
      Undo::kByStatement, [&](WriteContext& context) { return context.db.execute(Sql::kMarkRead, user_id, thread_id, read_at); });
}

Task<Result<std::vector<Unread>>> SqliteCatalog::unread(std::string user_id, std::string project_id) {
  co_return co_await readers_.run([&](Connection& db) { return list_unread(db, user_id, project_id); });
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

Task<Result<std::optional<model::Memory>>> SqliteCatalog::memory(std::string agent_name, std::string id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_first(db.query(Sql::kMemory, id, agent_name), read_memory); });
}

Task<Result<bool>> SqliteCatalog::delete_memory(std::string agent_name, std::string id) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteMemory, id, agent_name));
    return context.db.changes() > 0;
  });
}

}  // namespace omakase::store::sqlite
