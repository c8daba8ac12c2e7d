// The framed events of one topic that some reader still has to get: contiguous bytes addressed by offsets that only grow. Owned
// by one StreamLoop and used on its thread only. Bounded by its owner through cut_to().
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace omakase::feed {

class Ring {
 public:
  // `position` is the timestamp of the last stored message published before the ring began.
  explicit Ring(base::Timestamp position) : position_(position) {}

  // Appends one whole event. `stored` is the message's timestamp, or zero for what has none (deltas, states).
  void append(std::string_view frame, base::Timestamp stored);

  std::uint64_t base() const { return base_; }
  std::uint64_t head() const { return base_ + size(); }
  std::size_t size() const { return bytes_.size() - start_; }

  // What a reader at `cursor` (base() <= cursor <= head()) has to get.
  std::string_view from(std::uint64_t cursor) const;

  // Forgets whole events before `offset`.
  void cut_to(std::uint64_t offset);

  // Where a reader at `cursor` stands: the rest of the event it is in the middle of, and the timestamp of the last stored message
  // that it will then have.
  struct Place {
    std::string_view rest;
    base::Timestamp position;
  };
  Place place(std::uint64_t cursor) const;

 private:
  struct Frame {
    std::uint64_t end;
    base::Timestamp stored;
  };

  std::string bytes_;
  std::size_t start_ = 0;  // of base_ in bytes_
  std::uint64_t base_ = 0;
  std::deque<Frame> frames_;
  base::Timestamp position_;  // at base_
};

}  // namespace omakase::feed
