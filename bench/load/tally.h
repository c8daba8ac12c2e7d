// What one reader has seen of each line of its channel: whether every message came, once, in the order in which its sender was
// answered. A message that is skipped counts as a gap until it comes; coming late it is out of order instead.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace omakase::load {

struct Faults {
  std::uint64_t gaps = 0;     // never came
  std::uint64_t doubles = 0;  // came again
  std::uint64_t late = 0;     // came after a later one

  void add(const Faults& other) {
    gaps += other.gaps;
    doubles += other.doubles;
    late += other.late;
  }
};

class Tally {
 public:
  explicit Tally(std::size_t lines = 0) : next_(lines, 0) {}

  void see(std::uint32_t line, std::uint32_t sequence) {
    std::uint32_t& next = next_[line];
    if (sequence == next) {
      ++next;
    } else if (sequence > next) {
      for (; next < sequence && missing_.size() < kMaxMissing; ++next) missing_.emplace_back(line, next);
      faults_.gaps += sequence - next;  // beyond what is remembered, what comes late counts as a double
      next = sequence + 1;
    } else if (const auto found = std::ranges::find(missing_, std::pair(line, sequence)); found != missing_.end()) {
      missing_.erase(found);
      ++faults_.late;
    } else {
      ++faults_.doubles;
    }
  }

  // How many of a line's first messages have been seen or passed over.
  std::uint32_t reached(std::uint32_t line) const { return next_[line]; }
  std::size_t lines() const { return next_.size(); }

  Faults faults() const {
    Faults all = faults_;
    all.gaps += missing_.size();
    return all;
  }

 private:
  static constexpr std::size_t kMaxMissing = 4096;

  std::vector<std::uint32_t> next_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> missing_;
  Faults faults_;
};

}  // namespace omakase::load
