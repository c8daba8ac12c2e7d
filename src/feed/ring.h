// The framed events of one topic that some reader still has to get: contiguous bytes addressed by offsets that only grow. Owned
// by one StreamLoop and used on its thread only. Bounded by its owner through cut_to().
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace omakase::feed {

// What an event of a ring that carries several topics is about. Zero in a ring of one topic.
using TagId = std::uint64_t;

class Ring {
 public:
  // `position` is the timestamp of the last stored message published before the ring began.
  explicit Ring(base::Timestamp position) : position_(position) {}

  // Appends one whole event. `stored` is the message's timestamp, or zero for what has none (deltas, states).
  void append(std::string_view frame, base::Timestamp stored, TagId tag = 0);

  std::uint64_t base() const { return base_; }
  std::uint64_t head() const { return base_ + size(); }
  std::size_t size() const { return bytes_.size() - start_; }

  // What a reader at `cursor` (base() <= cursor <= head()) has to get.
  std::string_view from(std::uint64_t cursor) const;

  // The same for a reader that wants the events of some tags (sorted) only: moves `cursor` past what it does not want next, and
  // gives what it does in as few pieces as it can, until there are no more pieces or about `max_bytes` are in them.
  std::size_t from(std::uint64_t& cursor, const std::vector<TagId>& tags, std::span<std::string_view> pieces,
                   std::size_t max_bytes) const;
  // Where that reader stands when it has taken `bytes` of these pieces.
  std::uint64_t after(std::uint64_t cursor, const std::vector<TagId>& tags, std::size_t bytes) const;

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
    TagId tag;
  };

  // The first event that ends after `cursor`.
  std::deque<Frame>::const_iterator frame_at(std::uint64_t cursor) const;

  std::string bytes_;
  std::size_t start_ = 0;  // of base_ in bytes_
  std::uint64_t base_ = 0;
  std::deque<Frame> frames_;
  base::Timestamp position_;  // at base_
};

}  // namespace omakase::feed
