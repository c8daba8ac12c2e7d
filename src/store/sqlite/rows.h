// Between the rows of the tables and the values of the domain. The column order is that of statements.cc. Any thread that owns
// the Query.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/log_line.h"
#include "model/permission.h"
#include "model/run.h"
#include "model/user.h"
#include "model/webhook.h"
#include "store/catalog.h"
#include "store/people.h"
#include "store/sqlite/connection.h"

namespace omakase::store::sqlite {

model::Message read_message(const Query& row);
model::Run read_run(const Query& row);
model::RunTotals read_run_totals(const Query& row);
model::Project read_project(const Query& row);
// Who wrote, by the id and the name in these columns.
std::optional<model::Author> author_at(const Query& row, int column);
model::Thread read_thread(const Query& row);
ProjectSummary read_project_summary(const Query& row);
ThreadSummary read_thread_summary(const Query& row);
model::Memory read_memory(const Query& row);
model::User read_user(const Query& row);
model::UserToken read_token(const Query& row);
Admitted read_admitted(const Query& row);
model::Permission read_permission(const Query& row);
StoredAttachment read_attachment(const Query& row);
model::AttachedFile read_attached_file(const Query& row);
model::Webhook read_webhook(const Query& row);
model::PushSubscription read_push_subscription(const Query& row);
model::LogLine read_log_line(const Query& row);
model::Variable read_variable(const Query& row);
model::PermissionRule read_permission_rule(const Query& row);

// The text that is stored of a message's tools; null when there are none.
std::optional<std::string> stored_tool_uses(const std::vector<model::ToolUse>& uses);
// The same of its attachments.
// As words with commas between them.
std::string stored_kinds(const std::vector<model::NewsKind>& kinds);
std::optional<std::string> stored_attachments(const std::vector<model::Attachment>& attachments);

// The text that is stored of a word, or null.
template <typename Word>
std::optional<std::string_view> stored_word(const std::optional<Word>& value) {
  if (!value) return std::nullopt;
  return model::word(*value);
}

// Limits and open ends as SQLite takes them.
inline constexpr Timestamp kEndOfTime{INT64_MAX};
inline std::int64_t sql_limit(std::size_t limit) { return static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)); }

// What the rows of a query read as, or its first one.
template <typename Row>
Result<std::vector<Row>> read_all(Query query, Row (*read)(const Query&)) {
  std::vector<Row> rows;
  for (;;) {
    OMAKASE_TRY(const bool more, query.step());
    if (!more) return rows;
    rows.push_back(read(query));
  }
}
template <typename Row>
Result<std::optional<Row>> read_first(Query query, Row (*read)(const Query&)) {
  OMAKASE_TRY(const bool found, query.step());
  if (!found) return std::nullopt;
  return read(query);
}

}  // namespace omakase::store::sqlite
