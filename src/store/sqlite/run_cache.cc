#include "store/sqlite/run_cache.h"

#include <utility>

namespace omakase::store::sqlite {

namespace {

// A few hundred bytes each; starting over is cheap.
constexpr std::size_t kMaxRuns = 4'096;

}  // namespace

Result<const StoredRun*> RunCache::find(Connection& db, const std::string& id) {
  if (const auto known = runs_.find(id); known != runs_.end()) return &known->second;
  Query row = db.query(Sql::kRunForWriting, id);
  OMAKASE_TRY(const bool found, row.step());
  if (!found) return nullptr;
  if (runs_.size() >= kMaxRuns) runs_.clear();
  StoredRun run{.n = row.integer(0),
                .active = row.integer(1) != 0,
                .project_id = row.text(2),
                .agent_name = row.text(6),
                .feature_id = row.optional_text(3),
                .thread_id = row.optional_text(4),
                .spool_offset = row.integer(5)};
  return &runs_.emplace(id, std::move(run)).first->second;
}

}  // namespace omakase::store::sqlite
