// What of a run never changes, remembered for the runs that are written to: every message asks for it, and a read costs two
// changes of threads. Bounded: when it is full it starts over. Owned by app/; lives on the Loop's thread.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "store/message_log.h"

namespace omakase::store {

class RunFacts {
 public:
  struct Facts {
    model::RunKind kind = model::RunKind::kExternal;
    model::Role role = model::Role::kCoder;
    std::string project_id;
    std::optional<std::string> thread_id;
  };

  explicit RunFacts(MessageLog& log) : log_(log) {}

  // kNotFound run_not_found. A run that was deleted since may still be known here: the store refuses what is written to it.
  Task<Result<Facts>> of(std::string run_id);

 private:
  MessageLog& log_;
  std::unordered_map<std::string, Facts> known_;
};

}  // namespace omakase::store
