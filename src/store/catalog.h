// Everything that is neither the message log nor the people: projects, threads, memories. Called on the Loop's thread; engines do
// their work elsewhere and resume there. A write is on disk before its Task ends. Errors: kConflict id_conflict for a taken id;
// kUnavailable store_unavailable, disk_full. Not found is an empty optional or false.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/run.h"
#include "model/webhook.h"
#include "runtime/asio.h"

namespace omakase::store {

using base::Result;
using base::Timestamp;
using runtime::Task;

struct ProjectSummary {
  model::Project project;
  std::optional<Timestamp> last_activity_at;  // newest message of its threads
  std::optional<model::Run> active_run;       // its active work session, else its newest active run
};

struct ThreadSummary {
  model::Thread thread;
  std::optional<std::string> active_run_id;
  bool external = false;  // a program outside this server carries that run out
  struct Last {
    model::Sender sender;
    model::MessageType type;
    std::string content;  // at most 200 characters of it
    std::optional<model::Author> author = std::nullopt;
  };
  std::optional<Last> last_message;  // newest message that has text
};

struct ProjectPatch {
  std::optional<std::string> name;
  std::optional<std::optional<std::string>> repo_url;
  std::optional<std::optional<std::string>> default_branch;
  std::optional<bool> archived;
  std::optional<std::optional<std::string>> sealed_git_token;
  std::optional<std::optional<std::string>> agent_network;
  std::optional<bool> trust_repository;
};

struct ThreadPatch {
  std::optional<std::string> title;
  std::optional<model::ThreadStatus> status;
  std::optional<model::ThreadMode> mode;
  std::optional<model::PermissionMode> permission_mode;
  std::optional<std::optional<std::string>> model;
};

struct ThreadQuery {
  std::optional<std::string> project_id;  // one of project_id and agent_name is given
  std::optional<std::string> agent_name;
  bool include_archived = false;
  std::optional<Timestamp> before;  // exclusive, by latest activity (last message, else creation)
  std::size_t limit = 100;
  std::optional<std::string> member;  // only of projects that this person is a member of
};

// What a person has not read of a thread.
struct Unread {
  std::string thread_id;
  std::string agent_name;
  std::size_t count = 0;  // of the agent's messages and errors that have text; kMaxUnread at most
};

struct StoredAttachment {
  model::Attachment about;
  std::string project_id;
  std::optional<std::string> thread_id;  // of the message that has it; nullopt: none has, yet
};

class Catalog {
 public:
  virtual ~Catalog() = default;

  // `member`: the person who is its first one.
  virtual Task<Result<model::Project>> create_project(model::Project project,
                                                      std::optional<std::string> sealed_git_token = std::nullopt,
                                                      std::optional<std::string> member = std::nullopt) = 0;
  virtual Task<Result<std::optional<ProjectSummary>>> project(std::string id) = 0;
  // Newest activity (last message, else creation) first; `before` (exclusive) pages; with `member` only that person's.
  virtual Task<Result<std::vector<ProjectSummary>>> projects(bool include_archived, std::optional<Timestamp> before,
                                                             std::size_t limit,
                                                             std::optional<std::string> member = std::nullopt) = 0;
  virtual Task<Result<std::optional<model::Project>>> update_project(std::string id, ProjectPatch patch) = 0;
  virtual Task<Result<std::optional<std::string>>> sealed_git_token(std::string project_id) = 0;

  // By name. set_variable is kConflict too_many when the project has kMaxVariables others.
  static constexpr std::int64_t kMaxVariables = 100;
  virtual Task<Result<std::vector<model::Variable>>> variables(std::string project_id) = 0;
  virtual Task<Result<model::Variable>> set_variable(std::string project_id, model::Variable variable) = 0;
  virtual Task<Result<bool>> delete_variable(std::string project_id, std::string name) = 0;

  // Consents for good. `input_digest` names tool and input; adding one that is there gives that one.
  // Listed newest first.
  virtual Task<Result<model::PermissionRule>> add_permission_rule(model::PermissionRule rule, std::string input_digest) = 0;
  virtual Task<Result<bool>> has_permission_rule(std::string project_id, std::string input_digest) = 0;
  virtual Task<Result<std::vector<model::PermissionRule>>> permission_rules(std::string project_id) = 0;
  virtual Task<Result<bool>> delete_permission_rule(std::string project_id, std::string id) = 0;

  // The model that was chosen for an agent; nullopt: none was.
  virtual Task<Result<std::optional<std::string>>> agent_model(std::string agent_name) = 0;
  virtual Task<Result<void>> set_agent_model(std::string agent_name, std::optional<std::string> model) = 0;

  // What was written in place of an agent's own personality; nullopt: nothing was.
  virtual Task<Result<std::optional<std::string>>> personality(std::string agent_name) = 0;
  virtual Task<Result<void>> set_personality(std::string agent_name, std::optional<std::string> content) = 0;

  virtual Task<Result<model::Thread>> create_thread(model::Thread thread) = 0;
  virtual Task<Result<std::optional<ThreadSummary>>> thread(std::string id) = 0;
  virtual Task<Result<std::vector<ThreadSummary>>> threads(ThreadQuery query) = 0;
  virtual Task<Result<std::optional<model::Thread>>> update_thread(std::string id, ThreadPatch patch) = 0;

  // Up to which message a person has read a thread: the latest that was told counts. Threads with something new, of the project's
  // 200 with the latest activity that are not archived, in that order.
  static constexpr std::size_t kMaxUnread = 100;
  virtual Task<Result<void>> mark_read(std::string user_id, std::string thread_id, Timestamp read_at) = 0;
  virtual Task<Result<std::vector<Unread>>> unread(std::string user_id, std::string project_id) = 0;

  // Where a project's news is sent to; setting it keeps how the last call ended.
  virtual Task<Result<std::optional<model::Webhook>>> webhook(std::string project_id) = 0;
  virtual Task<Result<void>> set_webhook(std::string project_id, model::Webhook webhook) = 0;
  virtual Task<Result<bool>> delete_webhook(std::string project_id) = 0;
  virtual Task<Result<void>> set_webhook_delivery(std::string project_id, model::Webhook::Delivery delivery) = 0;

  // Files that wait for a message to be sent with them (AppendMessage), and those that were. What no message has and is older
  // than `before` is deleted by the last one.
  virtual Task<Result<void>> add_attachment(model::AttachedFile file, std::string project_id, Timestamp created_at) = 0;
  virtual Task<Result<std::optional<StoredAttachment>>> attachment(std::string id) = 0;
  virtual Task<Result<std::optional<model::AttachedFile>>> attached_file(std::string id) = 0;
  virtual Task<Result<void>> delete_unused_attachments(Timestamp before) = 0;

  virtual Task<Result<model::Memory>> add_memory(model::Memory memory) = 0;
  virtual Task<Result<std::vector<model::Memory>>> memories(std::string agent_name, std::string project_id) = 0;
  virtual Task<Result<std::optional<model::Memory>>> memory(std::string agent_name, std::string id) = 0;
  virtual Task<Result<bool>> delete_memory(std::string agent_name, std::string id) = 0;
};

}  // namespace omakase::store
