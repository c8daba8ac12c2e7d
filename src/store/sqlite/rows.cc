#include "store/sqlite/rows.h"

#include <boost/json.hpp>

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
  return run;
}

}  // namespace

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
  return message;
}

model::Run read_run(const Query& row) { return run_at(row, 0); }

model::Project read_project(const Query& row) {
  return {.id = row.text(0),
          .name = row.text(1),
          .repo_url = row.optional_text(2),
          .default_branch = row.optional_text(3),
          .created_at = row.time(4),
          .archived_at = row.optional_time(5)};
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
          .agent_session = row.text(9)};
}

ProjectSummary read_project_summary(const Query& row) {
  ProjectSummary summary{.project = read_project(row), .last_activity_at = row.optional_time(6)};
  if (!row.is_null(7)) summary.active_run = run_at(row, 7);
  return summary;
}

ThreadSummary read_thread_summary(const Query& row) {
  ThreadSummary summary{.thread = read_thread(row), .active_run_id = row.optional_text(10)};
  if (!row.is_null(11)) {
    summary.last_message = ThreadSummary::Last{.sender = word_of(model::parse_sender(row.view(11))),
                                               .type = word_of(model::parse_message_type(row.view(12))),
                                               .content = row.text(13)};
  }
  return summary;
}

model::Memory read_memory(const Query& row) {
  return {
      .id = row.text(0), .agent_name = row.text(1), .project_id = row.text(2), .content = row.text(3), .created_at = row.time(4)};
}

Login read_login(const Query& row) { return {.token_hash = row.text(0), .user_id = row.text(1), .expires_at = row.time(2)}; }

std::optional<std::string> stored_tool_uses(const std::vector<model::ToolUse>& uses) {
  if (uses.empty()) return std::nullopt;
  return json::serialize(model::tool_uses_to_json(uses));
}

}  // namespace omakase::store::sqlite
