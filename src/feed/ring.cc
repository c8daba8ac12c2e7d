#include "feed/ring.h"

#include <algorithm>

namespace omakase::feed {

namespace {
// A quiet ring gives its memory back; a busy one keeps this much warm.
constexpr std::size_t kWarmBytes = 256 * 1024;

bool wants(const std::vector<TagId>& tags, TagId tag) { return std::ranges::binary_search(tags, tag); }
}  // namespace

void Ring::append(std::string_view frame, base::Timestamp stored, TagId tag) {
  bytes_ += frame;
  frames_.push_back({head(), stored, tag});
}

std::string_view Ring::from(std::uint64_t cursor) const {
  return std::string_view(bytes_).substr(start_ + static_cast<std::size_t>(cursor - base_));
}

std::deque<Ring::Frame>::const_iterator Ring::frame_at(std::uint64_t cursor) const {
  return std::ranges::upper_bound(frames_, cursor, {}, &Frame::end);
}

std::size_t Ring::from(std::uint64_t& cursor, const std::vector<TagId>& tags, std::span<std::string_view> pieces,
                       std::size_t max_bytes) const {
  auto frame = frame_at(cursor);
  for (; frame != frames_.end() && !wants(tags, frame->tag); ++frame) cursor = frame->end;
  std::uint64_t begin = cursor;
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (frame != frames_.end() && count < pieces.size() && bytes < max_bytes) {
    std::uint64_t end = begin;
    for (; frame != frames_.end() && wants(tags, frame->tag) && bytes < max_bytes; ++frame) {
      bytes += static_cast<std::size_t>(frame->end - end);
      end = frame->end;
    }
    pieces[count++] = from(begin).substr(0, static_cast<std::size_t>(end - begin));
    for (begin = end; frame != frames_.end() && !wants(tags, frame->tag); ++frame) begin = frame->end;
  }
  return count;
}

std::uint64_t Ring::after(std::uint64_t cursor, const std::vector<TagId>& tags, std::size_t bytes) const {
  for (auto frame = frame_at(cursor); frame != frames_.end() && bytes > 0; ++frame) {
    const auto left = static_cast<std::size_t>(frame->end - cursor);
    if (wants(tags, frame->tag)) {
      if (bytes < left) return cursor + bytes;
      bytes -= left;
    }
    cursor = frame->end;
  }
  return cursor;
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
