// The past of a stream: what is stored of its topics after where each begins and up to one timestamp, in the order of the
// timestamps over all of them, a page at a time. Lives on the Loop's thread, in Hub::fill. Holds at most a page of each topic.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "base/error.h"
#include "feed/frames.h"
#include "runtime/asio.h"

namespace omakase::feed {

using base::Result;
using runtime::Task;

// Where a topic's past and present come from: implemented by Feed.
class TopicSource {
 public:
  virtual ~TopicSource() = default;

  // Reads what snapshot() needs of a topic that is read from now on.
  virtual Task<Result<void>> load_topic(std::string topic) = 0;

  // Everything of the topics up to this timestamp is stored and was published.
  virtual Timestamp published() const = 0;

  // The stored events of a topic after `since` up to `until`, ascending: so many, and no more after so many bytes of them.
  struct Limit {
    std::size_t events;
    std::size_t bytes;
  };
  struct Page {
    std::vector<Event> events;
    bool end = false;  // nothing more up to `until`
  };
  virtual Task<Result<Page>> replay(std::string topic, Timestamp since, Timestamp until, Limit limit) = 0;

  // What has no id, as it is now: states, text being written; and for a topic that is over its close event.
  struct Snapshot {
    std::vector<Event> events;
    bool over = false;
  };
  virtual Snapshot snapshot(const std::string& topic) = 0;

  // The topic's last reader has gone.
  virtual void unread(const std::string& topic) = 0;
};

// A topic of a stream, and the timestamp after which it begins.
struct TopicRange {
  std::string topic;
  Timestamp since;
};

class Replay {
 public:
  // `together`: the frames are those of a stream of several topics.
  Replay(TopicSource& source, const std::vector<TopicRange>& ranges, Timestamp until, bool together);

  bool ended() const;

  // The next frames, unless it has ended then: some 32 KiB the first time, twice as much each time up to 256 KiB.
  Task<Result<std::string>> next();

 private:
  struct Part {
    std::string topic;
    Timestamp since;
    std::deque<Event> events;  // read and not yet given
    bool end = false;
  };

  Task<Result<void>> read(Part& part);

  TopicSource& source_;
  Timestamp until_;
  bool together_;
  std::vector<Part> parts_;
  std::size_t part_of_page_;
};

}  // namespace omakase::feed
