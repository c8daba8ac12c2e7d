#include "process/line_splitter.h"

#include <utility>

namespace omakase::process {

namespace {

// A buffer that once held a long line is given back, so that a single one does not cost memory for ever.
constexpr std::size_t kKeepCapacity = std::size_t{64} << 10;

}  // namespace

void LineSplitter::release_held() {
  held_was_given_ = false;
  held_.clear();
  if (held_.capacity() > kKeepCapacity) held_.shrink_to_fit();
}

std::optional<Line> LineSplitter::next() {
  if (held_was_given_) release_held();
  while (!fresh_.empty()) {
    const std::size_t newline = fresh_.find('\n');
    const bool ends = newline != std::string_view::npos;
    const std::string_view part = fresh_.substr(0, newline);
    fresh_.remove_prefix(ends ? newline + 1 : fresh_.size());
    if (skipping_) {
      skipping_ = !ends;
      continue;
    }
    if (held_.size() + part.size() > max_line_) {
      release_held();
      skipping_ = !ends;
      return Line{Line::Kind::kOversize, {}};
    }
    if (ends && held_.empty()) return Line{Line::Kind::kWhole, part};
    held_.append(part);
    if (!ends) break;
    held_was_given_ = true;
    return Line{Line::Kind::kWhole, held_};
  }
  return std::nullopt;
}

std::optional<Line> LineSplitter::finish() {
  if (held_was_given_) release_held();
  if (std::exchange(skipping_, false) || held_.empty()) return std::nullopt;
  held_was_given_ = true;
  return Line{Line::Kind::kHalf, held_};
}

}  // namespace omakase::process
