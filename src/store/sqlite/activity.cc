#include "store/sqlite/activity.h"

#include <string_view>
#include <unordered_map>

namespace omakase::store::sqlite {

Result<void> Activity::write(Connection& connection) {
  struct Sum {
    Timestamp last;
    std::int64_t count = 0;
  };
  std::unordered_map<std::string_view, Sum> threads;
  std::unordered_map<std::string_view, Timestamp> projects;
  for (const Note& note : notes_) {
    Sum& sum = threads[note.thread_id];
    sum.last = note.timestamp;
    ++sum.count;
    projects[note.project_id] = note.timestamp;
  }
  for (const auto& [id, sum] : threads) OMAKASE_CHECK(connection.execute(Sql::kThreadActivity, id, sum.last, sum.count));
  for (const auto& [id, last] : projects) OMAKASE_CHECK(connection.execute(Sql::kProjectActivity, id, last));
  notes_.clear();
  return {};
}

}  // namespace omakase::store::sqlite
