#include "store/sqlite/log_reads.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"
#include "store/sqlite/rows.h"

namespace omakase::store::sqlite {

namespace {

bool is_wanted(const model::LogLine& line, const LogQuery& query, const std::string& text) {
  if (line.level < query.level) return false;
  if (!query.agents.empty() && std::ranges::find(query.agents, line.agent_name) == query.agents.end()) return false;
  return text.empty() || base::fold_case(line.message).contains(text);
}

}  // namespace

Result<LogPage> read_log(Connection& db, const LogQuery& query) {
  const bool forward = query.since.has_value();
  const std::int64_t first = query.before.value_or(INT64_MAX);
  Query rows = forward ? db.query(Sql::kLogLinesAfter, query.project_id, *query.since)
                       : db.query(Sql::kLogLinesBefore, query.project_id, first);
  const std::string text = base::fold_case(query.text);
  LogPage page;
  std::int64_t last = 0;
  for (std::size_t looked_at = 0;; ++looked_at) {
    OMAKASE_TRY(const bool more, rows.step());
    if (!more) break;
    if (page.lines.size() >= query.limit || looked_at >= MessageLog::kMaxLogLookedAt) {
      page.next = last;
      break;
    }
    model::LogLine line = read_log_line(rows);
    last = line.n;
    if (is_wanted(line, query, text)) page.lines.push_back(std::move(line));
  }
  if (!forward) std::ranges::reverse(page.lines);
  return page;
}

}  // namespace omakase::store::sqlite
