#include "feed/replay.h"

#include <algorithm>
#include <utility>

namespace omakase::feed {

namespace {
// Of a whole stream: its topics share them. The first page is a part of one, the next twice that, so that a stream begins soon.
constexpr std::size_t kFirstPart = 8;
constexpr std::size_t kPageEvents = 500;
constexpr std::size_t kPageBytes = 256 * 1024;
// But none gets less than this, so that many topics do not make many questions.
constexpr std::size_t kLeastEvents = 16;
constexpr std::size_t kLeastBytes = 16 * 1024;
}  // namespace

Replay::Replay(TopicSource& source, const std::vector<TopicRange>& ranges, Timestamp until, bool together)
    : source_(source), until_(until), together_(together), part_of_page_(kFirstPart) {
  for (const TopicRange& range : ranges) {
    if (range.since < until) parts_.push_back({range.topic, range.since, {}, false});
  }
}

bool Replay::ended() const { return parts_.empty(); }

Task<Result<void>> Replay::read(Part& part) {
  const std::size_t shares = part_of_page_ * parts_.size();
  const TopicSource::Limit limit{std::max(kPageEvents / shares, kLeastEvents), std::max(kPageBytes / shares, kLeastBytes)};
  OMAKASE_CO_TRY(TopicSource::Page page, co_await source_.replay(part.topic, part.since, until_, limit));
  part.end = page.end || page.events.empty();
  if (!page.events.empty()) part.since = page.events.back().stored;
  std::ranges::move(page.events, std::back_inserter(part.events));
  co_return Result<void>();
}

Task<Result<std::string>> Replay::next() {
  std::string frames;
  while (frames.size() < kPageBytes / part_of_page_) {
    // The next event is known once something of every topic that goes on is.
    for (Part& part : parts_) {
      if (part.events.empty() && !part.end) OMAKASE_CO_CHECK(co_await read(part));
    }
    std::erase_if(parts_, [](const Part& part) { return part.events.empty() && part.end; });
    if (parts_.empty()) break;
    const auto first = std::ranges::min_element(parts_, {}, [](const Part& part) { return part.events.front().stored; });
    const Event event = std::move(first->events.front());
    first->events.pop_front();
    frames += together_ ? frame_in(first->topic, event) : frame(event);
  }
  part_of_page_ = std::max<std::size_t>(part_of_page_ / 2, 1);
  co_return frames;
}

}  // namespace omakase::feed
