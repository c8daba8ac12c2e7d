#include "feed/ring.h"

namespace omakase::feed {

namespace {
// A quiet ring gives its memory back; a busy one keeps this much warm.
constexpr std::size_t kWarmBytes = 256 * 1024;
}  // namespace

void Ring::append(std::string_view frame, base::Timestamp stored) {
  bytes_ += frame;
  frames_.push_back({head(), stored});
}

std::string_view Ring::from(std::uint64_t cursor) const {
  return std::string_view(bytes_).substr(start_ + static_cast<std::size_t>(cursor - base_));
}

void Ring::cut_to(std::uint64_t offset) {
  std::uint64_t cut = base_;
  while (!frames_.empty() && frames_.front().end <= offset) {
    cut = frames_.front().end;
    if (frames_.front().stored.micros != 0) position_ = frames_.front().stored;
    frames_.pop_front();
  }
  start_ += static_cast<std::size_t>(cut - base_);
  base_ = cut;
  if (start_ == bytes_.size()) {
    if (bytes_.capacity() > kWarmBytes) {
      std::string().swap(bytes_);
    } else {
      bytes_.clear();
    }
    start_ = 0;
  } else if (start_ > bytes_.size() / 2 && start_ > kWarmBytes) {
    bytes_.erase(0, start_);
    start_ = 0;
  }
}

Ring::Place Ring::place(std::uint64_t cursor) const {
  Place place{{}, position_};
  std::uint64_t begin = base_;
  for (const Frame& frame : frames_) {
    if (begin >= cursor) break;  // a boundary: nothing of the next event has been sent
    if (frame.stored.micros != 0) place.position = frame.stored;
    if (frame.end > cursor) place.rest = from(cursor).substr(0, static_cast<std::size_t>(frame.end - cursor));
    begin = frame.end;
  }
  return place;
}

}  // namespace omakase::feed
