// What appending needs to know of a run, kept in memory between transactions: the writer is the only one who changes runs, so
// what it read stays true until it changes it. Belongs to the writer's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "store/sqlite/connection.h"

namespace omakase::store::sqlite {

struct StoredRun {
  std::int64_t n = 0;  // by which messages name it
  bool active = false;
  std::string project_id;
  std::string agent_name;
  std::optional<std::string> feature_id;
  std::optional<std::string> thread_id;
  std::int64_t spool_offset = 0;
};

class RunCache {
 public:
  // The run as this transaction sees it; nullptr when there is none. Valid until the next call of any function here.
  Result<const StoredRun*> find(Connection& db, const std::string& id);

  // The run was changed.
  void forget(const std::string& id) { runs_.erase(id); }
  // Something was undone, and with it perhaps what was read since.
  void forget_all() { runs_.clear(); }

 private:
  std::unordered_map<std::string, StoredRun> runs_;
};

}  // namespace omakase::store::sqlite
