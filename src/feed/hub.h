// The live fan-out: gives each open stream what is stored after its cursor, then everything published, without a gap and without
// anything twice. Lives on the Loop's thread; the StreamLoops that it owns do the sending. Topics are named by a text
// ("run:01J…") and cost nothing while nobody reads them. A stream is attached at the ring's head in the same step in which the
// store's head is noted; it is then filled from the store up to there and released. A reader that falls out of the ring goes
// through the same steps again.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "feed/stream_loop.h"
#include "runtime/signal.h"
#include "runtime/task_group.h"

namespace omakase::feed {

using base::Result;
using base::Timestamp;
using runtime::Task;

// Where a topic's past and present come from: implemented by Feed. The pages are asked for one at a time, as the reader takes
// them.
class TopicSource {
 public:
  virtual ~TopicSource() = default;

  // Everything of the topic up to this timestamp is stored and was published.
  virtual Timestamp published() const = 0;

  struct Page {
    std::string frames;
    Timestamp position;  // of the last message in it
    bool end = false;    // nothing more up to `until`
  };
  virtual Task<Result<Page>> replay(std::string topic, Timestamp since, Timestamp until) = 0;

  // What has no id, as it is now: the state event, text being written; and for a topic that is over its close event.
  struct Snapshot {
    std::string frames;
    bool over = false;
  };
  virtual Snapshot snapshot(const std::string& topic) = 0;

  // The topic's last reader has gone.
  virtual void unread(const std::string& topic) = 0;
};

class Hub {
 public:
  Hub(runtime::Executor executor, TopicSource& source, std::size_t stream_threads);
  ~Hub();

  // Streams the topic to a socket whose response header is written; `preamble` goes first. The Hub owns the socket from here on.
  void subscribe(std::string topic, int fd, Timestamp since, std::string preamble);

  // Hands an event to every reader of the topic. `stored` is zero for what is not in the store.
  void publish(const std::string& topic, std::string frame, Timestamp stored, bool close = false);

  bool has_readers(const std::string& topic) const { return topics_.contains(topic); }

  // Waits while the topic's slowest healthy reader is more than 256 KiB behind, 250 ms at most: what a sender feels of its
  // readers.
  Task<> wait_for_readers(std::string topic);

  std::size_t reader_count() const { return reader_count_; }

  // Ends every stream. Nothing may be subscribed or published after.
  Task<> stop();

 private:
  struct Topic {
    TopicId id;
    std::size_t readers = 0;
    std::shared_ptr<TopicGauge> gauge = std::make_shared<TopicGauge>();
    std::shared_ptr<runtime::Signal> caught_up;  // made when someone first waits
  };
  // A reader between attach and release.
  struct Filling {
    explicit Filling(runtime::Executor executor) : changed(std::move(executor)) {}
    runtime::Signal changed;
    bool drained = false;
    bool gone = false;
  };

  Task<> fill(ReaderId reader, std::string topic, int fd, Timestamp since, std::string preamble);
  StreamLoop& loop_of(ReaderId reader) { return *loops_[reader % loops_.size()]; }
  StreamLoop::Callbacks callbacks();
  void on_gone(ReaderId reader, TopicId topic);
  void on_lost(ReaderId reader, Timestamp position);

  runtime::Executor executor_;
  TopicSource& source_;
  runtime::TaskGroup fillings_tasks_;
  std::unordered_map<std::string, Topic> topics_;
  std::unordered_map<TopicId, std::string> names_;
  std::unordered_map<ReaderId, std::shared_ptr<Filling>> fillings_;
  std::unordered_map<ReaderId, TopicId> topic_of_;
  ReaderId next_reader_ = 1;
  TopicId next_topic_ = 1;
  std::size_t reader_count_ = 0;
  bool stopped_ = false;
  std::vector<std::unique_ptr<StreamLoop>> loops_;
};

}  // namespace omakase::feed
