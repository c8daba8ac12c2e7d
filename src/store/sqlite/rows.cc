#include "store/sqlite/rows.h"

#include <boost/json.hpp>

#include "base/text.h"

namespace omakase::store::sqlite {

namespace {

namespace json = boost::json;

// Deeper than what an agent's line may nest, plus what we put around it.
constexpr unsigned char kMaxJsonDepth = 128;

// Words come from the functions word(), so parsing them gives a value; a file that a stranger edited reads as the first word.
template <typename Word>
Word word_of(std::optional<Word> parsed) {
  return parsed.value_or(Word{});
}

json::value parse_stored(std::string_view text) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  return json::parse(text, error, {}, options);
}

json::object stored_object(std::string_view text) {
  const json::value value = parse_stored(text);
  const json::object* object = value.if_object();
  return object ? *object : json::object();
}

// The columns of a run start at `first`.
model::Run run_at(const Query& row, int first) {
  model::Run run;
  run.id = row.text(first);
  run.kind = word_of(model::parse_run_kind(row.view(first + 1)));
  run.agent_name = row.text(first + 2);
  run.role = word_of(model::parse_role(row.view(first + 3)));
  run.project_id = row.text(first + 4);
  run.feature_id = row.optional_text(first + 5);
  run.thread_id = row.optional_text(first + 6);
  run.status = word_of(model::parse_run_status(row.view(first + 7)));
  run.started_at = row.time(first + 8);
  run.completed_at = row.optional_time(first + 9);
  run.output_summary = row.optional_text(first + 10);
  run.error_message = row.optional_text(first + 11);
  run.cost_usd = row.optional_real(first + 12);
  run.token_hash = row.text(first + 13);
  run.spool_offset = row.integer(first + 14);
  run.permission_mode = word_of(model::parse_permission_mode(row.view(first + 15)));
  run.model = row.optional_text(first + 16);
  run.usage = {.input_tokens = row.integer(first + 17),
               .output_tokens = row.integer(first + 18),
               .cache_read_tokens = row.integer(first + 19),
               .cache_write_tokens = row.integer(first + 20),
               .requests = row.integer(first + 21)};
  run.context_tokens = row.integer(first + 22);
  run.context_window = row.integer(first + 23);
  return run;
}

}  // namespace

std::optional<model::Author> author_at(const Query& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return model::Author{row.text(column), row.text(column + 1)};
}

model::Message read_message(const Query& row) {
  model::Message message;
  message.timestamp = row.time(0);
  message.run_id = row.text(1);
  message.project_id = row.text(2);
  message.feature_id = row.optional_text(3);
  message.thread_id = row.optional_text(4);
  message.id = row.text(5);
  message.sender = word_of(model::parse_sender(row.view(6)));
  if (!row.is_null(7)) message.role = model::parse_role(row.view(7));
  message.type = word_of(model::parse_message_type(row.view(8)));
  message.delivered_at = row.optional_time(9);
  message.content = row.text(10);
  if (!row.is_null(11)) {
    const json::value uses = parse_stored(row.view(11));
    if (const json::array* array = uses.if_array()) message.tool_uses = model::tool_uses_from_json(*array);
  }
  if (!row.is_null(12)) {
    const json::value setup = parse_stored(row.view(12));
    if (const json::object* object = setup.if_object()) message.setup = *object;
  }
  message.queued = row.integer(13) != 0;
  message.edited_at = row.optional_time(14);
  message.withdrawn_at = row.optional_time(15);
  message.revision = row.integer(16);
  message.first_run_id = row.text(17);
  message.author = author_at(row, 18);
  if (!row.is_null(20)) {
    const json::value attachments = parse_stored(row.view(20));
    if (const json::array* array = attachments.if_array()) message.attachments = model::attachments_from_json(*array);
  }
  return message;
}

model::Run read_run(const Query& row) { return run_at(row, 0); }

namespace {

model::Attachment attachment_at(const Query& row) {
  return {.id = row.text(0), .name = row.text(1), .media_type = row.text(2), .size = row.integer(3)};
}

}  // namespace

StoredAttachment read_attachment(const Query& row) {
  return {.about = attachment_at(row), .project_id = row.text(4), .thread_id = row.optional_text(5)};
}

model::AttachedFile read_attached_file(const Query& row) { return {.about = attachment_at(row), .bytes = row.text(4)}; }

namespace {

std::vector<model::NewsKind> kinds_at(const Query& row, int column) {
  std::vector<model::NewsKind> kinds;
  for (const std::string_view word : base::split(row.view(column), ',')) {
    if (const auto kind = model::parse_news_kind(word)) kinds.push_back(*kind);
  }
  return kinds;
}

}  // namespace

std::string stored_kinds(const std::vector<model::NewsKind>& kinds) {
  std::string words;
  for (const model::NewsKind kind : kinds) words.append(words.empty() ? "" : ",").append(model::word(kind));
  return words;
}

model::PushSubscription read_push_subscription(const Query& row) {
  return {.id = row.text(0),
          .user_id = row.text(1),
          .endpoint = row.text(2),
          .p256dh = row.text(3),
          .auth = row.text(4),
          .kinds = kinds_at(row, 5),
          .browser = row.text(6),
          .created_at = row.time(7)};
}

model::Webhook read_webhook(const Query& row) {
  model::Webhook webhook{.url = row.text(0), .kinds = kinds_at(row, 1), .sealed_secret = row.text(2), .created_at = row.time(3)};
  if (!row.is_null(4)) {
    webhook.last = model::Webhook::Delivery{.at = row.time(4), .delivered = row.integer(5) != 0, .detail = row.text(6)};
  }
  return webhook;
}

model::LogLine read_log_line(const Query& row) {
  return {.n = row.integer(0),
          .run_id = row.text(1),
          .agent_name = row.text(2),
          .project_id = row.text(3),
          .timestamp = row.time(4),
          .level = word_of(model::parse_log_level(row.view(5))),
          .source = row.optional_text(6),
          .message = row.text(7)};
}

model::RunTotals read_run_totals(const Query& row) {
  return {.runs = row.integer(0),
          .completed = row.integer(1),
          .failed = row.integer(2),
          .cost_usd = row.optional_real(3),
          .usage = {.input_tokens = row.integer(4),
                    .output_tokens = row.integer(5),
                    .cache_read_tokens = row.integer(6),
                    .cache_write_tokens = row.integer(7),
                    .requests = row.integer(8)}};
}

model::Project read_project(const Query& row) {
  return {.id = row.text(0),
          .name = row.text(1),
          .repo_url = row.optional_text(2),
          .default_branch = row.optional_text(3),
          .created_at = row.time(4),
          .archived_at = row.optional_time(5),
          .has_git_token = !row.is_null(6),
          .agent_network = row.optional_text(7),
          .trust_repository = row.integer(8) != 0};
}

model::Thread read_thread(const Query& row) {
  return {.id = row.text(0),
          .agent_name = row.text(1),
          .project_id = row.text(2),
          .title = row.text(3),
          .mode = word_of(model::parse_thread_mode(row.view(4))),
          .status = word_of(model::parse_thread_status(row.view(5))),
          .created_at = row.time(6),
          .last_message_at = row.optional_time(7),
          .message_count = row.integer(8),
          .permission_mode = word_of(model::parse_permission_mode(row.view(10))),
          .model = row.optional_text(11),
          .agent_session = row.text(9)};
}

ProjectSummary read_project_summary(const Query& row) {
  ProjectSummary summary{.project = read_project(row), .last_activity_at = row.optional_time(9)};
  if (!row.is_null(10)) summary.active_run = run_at(row, 10);
  return summary;
}

ThreadSummary read_thread_summary(const Query& row) {
  ThreadSummary summary{.thread = read_thread(row), .active_run_id = row.optional_text(12)};
  if (summary.active_run_id) summary.external = word_of(model::parse_run_kind(row.view(13))) == model::RunKind::kExternal;
  if (!row.is_null(14)) {
    summary.last_message = ThreadSummary::Last{.sender = word_of(model::parse_sender(row.view(14))),
                                               .type = word_of(model::parse_message_type(row.view(15))),
                                               .content = row.text(16),
                                               .author = author_at(row, 17)};
  }
  return summary;
}

model::Memory read_memory(const Query& row) {
  return {
      .id = row.text(0), .agent_name = row.text(1), .project_id = row.text(2), .content = row.text(3), .created_at = row.time(4)};
}

model::User read_user(const Query& row) {
  return {.id = row.text(0),
          .name = row.text(1),
          .role = word_of(model::parse_user_role(row.view(2))),
          .created_at = row.time(3),
          .deactivated_at = row.optional_time(4)};
}

model::UserToken read_token(const Query& row) {
  return {.id = row.text(0),
          .user_id = row.text(1),
          .name = row.text(2),
          .hash = row.text(3),
          .created_at = row.time(4),
          .last_used_at = row.optional_time(5),
          .expires_at = row.optional_time(6)};
}

Admitted read_admitted(const Query& row) {
  return {.user_id = row.text(0),
          .name = row.text(1),
          .role = word_of(model::parse_user_role(row.view(2))),
          .expires_at = row.optional_time(3),
          .token_id = row.text(4)};
}

model::Permission read_permission(const Query& row) {
  model::Permission permission;
  permission.request_id = row.text(0);
  permission.run_id = row.text(1);
  permission.kind = word_of(model::parse_permission_kind(row.view(2)));
  permission.tool = row.text(3);
  permission.tool_use_id = row.text(4);
  permission.input = stored_object(row.view(5));
  permission.description = row.optional_text(6);
  permission.reason = row.optional_text(7);
  permission.status = word_of(model::parse_permission_status(row.view(8)));
  permission.requested_at = row.time(9);
  permission.expires_at = row.time(10);
  permission.answered_at = row.optional_time(11);
  if (!row.is_null(12)) permission.scope = model::parse_permission_scope(row.view(12));
  permission.automatic = row.integer(13) != 0;
  permission.message = row.optional_text(14);
  if (!row.is_null(15)) permission.answers = stored_object(row.view(15));
  permission.agent_request_id = row.text(16);
  return permission;
}

model::Variable read_variable(const Query& row) {
  return {.name = row.text(0), .sealed_value = row.text(1), .updated_at = row.time(2)};
}

model::PermissionRule read_permission_rule(const Query& row) {
  return {.id = row.text(0),
          .project_id = row.text(1),
          .tool = row.text(2),
          .input = stored_object(row.view(3)),
          .created_at = row.time(4)};
}

std::optional<std::string> stored_attachments(const std::vector<model::Attachment>& attachments) {
  if (attachments.empty()) return std::nullopt;
  return json::serialize(model::attachments_to_json(attachments));
}

std::optional<std::string> stored_tool_uses(const std::vector<model::ToolUse>& uses) {
  if (uses.empty()) return std::nullopt;
  return json::serialize(model::tool_uses_to_json(uses));
}

}  // namespace omakase::store::sqlite
