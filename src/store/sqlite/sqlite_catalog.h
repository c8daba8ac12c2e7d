// The Catalog on SQLite: writes through the write thread, reads through the readers. Owned by SqliteStore.
#pragma once

#include "store/catalog.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

class SqliteCatalog final : public Catalog {
 public:
  SqliteCatalog(WriteThread& writer, Readers& readers) : writer_(writer), readers_(readers) {}

  Task<Result<model::Project>> create_project(model::Project project, std::optional<std::string> sealed_git_token,
                                              std::optional<std::string> member) override;
  Task<Result<std::optional<ProjectSummary>>> project(std::string id) override;
  Task<Result<std::vector<ProjectSummary>>> projects(bool include_archived, std::optional<Timestamp> before, std::size_t limit,
                                                     std::optional<std::string> member) override;
  Task<Result<std::optional<model::Project>>> update_project(std::string id, ProjectPatch patch) override;
  Task<Result<std::optional<std::string>>> sealed_git_token(std::string project_id) override;

  Task<Result<std::optional<model::Webhook>>> webhook(std::string project_id) override;
  Task<Result<void>> set_webhook(std::string project_id, model::Webhook webhook) override;
  Task<Result<bool>> delete_webhook(std::string project_id) override;
  Task<Result<void>> set_webhook_delivery(std::string project_id, model::Webhook::Delivery delivery) override;

  Task<Result<void>> add_attachment(model::AttachedFile file, std::string project_id, Timestamp created_at) override;
  Task<Result<std::optional<StoredAttachment>>> attachment(std::string id) override;
  Task<Result<std::optional<model::AttachedFile>>> attached_file(std::string id) override;
  Task<Result<void>> delete_unused_attachments(Timestamp before) override;

  Task<Result<std::vector<model::Variable>>> variables(std::string project_id) override;
  Task<Result<model::Variable>> set_variable(std::string project_id, model::Variable variable) override;
  Task<Result<bool>> delete_variable(std::string project_id, std::string name) override;

  Task<Result<model::PermissionRule>> add_permission_rule(model::PermissionRule rule, std::string input_digest) override;
  Task<Result<bool>> has_permission_rule(std::string project_id, std::string input_digest) override;
  Task<Result<std::vector<model::PermissionRule>>> permission_rules(std::string project_id) override;
  Task<Result<bool>> delete_permission_rule(std::string project_id, std::string id) override;

  Task<Result<std::optional<std::string>>> agent_model(std::string agent_name) override;
  Task<Result<void>> set_agent_model(std::string agent_name, std::optional<std::string> model) override;

  Task<Result<std::optional<std::string>>> personality(std::string agent_name) override;
  Task<Result<void>> set_personality(std::string agent_name, std::optional<std::string> content) override;

  Task<Result<model::Thread>> create_thread(model::Thread thread) override;
  Task<Result<std::optional<ThreadSummary>>> thread(std::string id) override;
  Task<Result<std::vector<ThreadSummary>>> threads(ThreadQuery query) override;
  Task<Result<std::optional<model::Thread>>> update_thread(std::string id, ThreadPatch patch) override;

  Task<Result<void>> mark_read(std::string user_id, std::string thread_id, Timestamp read_at) override;
  Task<Result<std::vector<Unread>>> unread(std::string user_id, std::string project_id) override;
  Task<Result<model::Memory>> add_memory(model::Memory memory) override;
  Task<Result<std::vector<model::Memory>>> memories(std::string agent_name, std::string project_id) override;
  Task<Result<std::optional<model::Memory>>> memory(std::string agent_name, std::string id) override;
  Task<Result<bool>> delete_memory(std::string agent_name, std::string id) override;

 private:
  WriteThread& writer_;
  Readers& readers_;
};

}  // namespace omakase::store::sqlite
