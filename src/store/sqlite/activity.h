// What the messages of one transaction add to their threads' and projects' counters, written once for each of them before COMMIT
// instead of once for each message. Belongs to the writer's thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "store/sqlite/connection.h"

namespace omakase::store::sqlite {

class Activity {
 public:
  // Timestamps are noted in increasing order.
  void note(const std::string& thread_id, const std::string& project_id, Timestamp timestamp) {
    notes_.push_back({thread_id, project_id, timestamp});
  }

  // For a change that is rolled back: forget what came after mark().
  std::size_t mark() const { return notes_.size(); }
  void forget_since(std::size_t mark) { notes_.resize(mark); }

  // Brings the tables up to what was noted.
  Result<void> write(Connection& connection);

 private:
  struct Note {
    std::string thread_id;
    std::string project_id;
    Timestamp timestamp;
  };
  std::vector<Note> notes_;
};

}  // namespace omakase::store::sqlite
