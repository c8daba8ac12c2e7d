// The live fan-out: gives each open stream what is stored after its cursor, then everything published, without a gap and without
// anything twice. Lives on the Loop's thread; the StreamLoops that it owns do the sending. Topics are named by a text
// ("run:01J…") and cost nothing while nobody reads them. A stream is attached at the ring's head in the same step in which the
// store's head is noted; it is then filled from the store up to there and released. A reader that falls out of the ring goes
// through the same steps again. A stream of several topics reads one ring that carries whatever such streams read: what is
// published is in the order of its timestamps there, so that a stream's last id is its place in every topic of it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "feed/replay.h"
#include "feed/stream_loop.h"
#include "runtime/signal.h"
#include "runtime/task_group.h"

namespace omakase::feed {

// Whose a stream is: numbers of the caller's choice, 0 for none.
struct StreamOwner {
  std::uint64_t client = 0;
  std::uint64_t login = 0;  // its streams can be ended together
};

// How the streams stand, and what became of them since the start.
struct FeedCounts {
  std::size_t readers = 0;
  std::uint64_t opened = 0;
  std::uint64_t refilled = 0;  // fell out of the ring, and were given what they missed from the store
  std::uint64_t stalled = 0;   // closed, as they took nothing for 20 s
  std::uint64_t events = 0;    // published, with somebody to read them
  std::uint64_t sent_bytes = 0;
  std::uint64_t most_lag_bytes = 0;  // that the slowest healthy reader of any topic is behind
};

class Hub {
 public:
  // With no stream thread, turn() does their work.
  Hub(runtime::Executor executor, TopicSource& source, std::size_t stream_threads, std::size_t ring_bytes = kMaxRingBytes);
  ~Hub();

  // Streams the topic to a socket whose response header is written; `preamble` goes first. The Hub owns the socket from here on.
  void subscribe(std::string topic, int fd, Timestamp since, std::string preamble, StreamOwner owner = {});
  // The same for several topics over one socket, each from where it begins or `since`, whichever is later. The stream ends when
  // the last of them does.
  void subscribe(std::vector<TopicRange> topics, int fd, Timestamp since, std::string preamble, StreamOwner owner = {});

  // Hands an event to every reader of the topic. With `close` it is the topic's last.
  void publish(const std::string& topic, const Event& event, bool close = false);

  bool has_readers(const std::string& topic) const { return topics_.contains(topic) || tags_.contains(topic); }

  // Waits while the slowest healthy reader of the topic alone is more than 256 KiB behind, 250 ms at most: what a sender feels of
  // its readers. Of those that read several topics it feels nothing: they are refilled from the store.
  Task<> wait_for_readers(std::string topic);

  std::size_t reader_count() const { return readers_.size(); }
  FeedCounts counts() const;
  std::size_t readers_of(std::uint64_t client) const;
  bool has_readers_of(std::uint64_t login) const;
  // They get what was published so far.
  void end_readers_of(std::uint64_t login);

  // Ends every stream. Nothing may be subscribed or published after.
  Task<> stop();

  void turn() { loops_.front()->turn(0); }

 private:
  struct Topic {
    TopicId id;
    std::size_t readers = 0;
    std::shared_ptr<TopicGauge> gauge = std::make_shared<TopicGauge>();
    std::shared_ptr<runtime::Signal> caught_up;  // made when someone first waits
  };
  // A topic that streams of several read.
  struct Tag {
    TagId id;
    std::size_t readers = 0;
  };
  // What a stream of several topics reads.
  struct Selection {
    struct Part {
      TagId tag;
      Timestamp since;
    };
    std::vector<Part> parts;
    std::size_t open;  // those that are not over
  };
  // A reader between attach and release.
  struct Filling {
    explicit Filling(runtime::Executor executor) : changed(std::move(executor)) {}
    runtime::Signal changed;
    bool drained = false;
    bool gone = false;
    bool unwanted = false;  // it is to end
  };

  ReaderId add_reader(const std::string& topic, StreamOwner owner);
  TagId add_tag(const std::string& topic);
  Task<> fill(ReaderId reader, int fd, Timestamp since, std::string preamble);
  Task<bool> prepare(std::vector<TopicRange> topics);
  void post(const Topic& to, TagId tag, std::string frame, Timestamp stored, bool close);
  void end_tag(TagId tag);
  void forget(const Selection& selection);
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
  struct Reader {
    TopicId topic;
    StreamOwner owner;
  };
  std::unordered_map<ReaderId, Reader> readers_;
  std::unordered_map<std::uint64_t, std::size_t> readers_of_;  // clients
  std::unordered_map<std::string, Tag> tags_;
  std::unordered_map<TagId, std::string> tag_names_;
  std::unordered_map<ReaderId, std::unique_ptr<Selection>> selections_;
  ReaderId next_reader_ = 1;
  TopicId next_topic_ = 1;
  TagId next_tag_ = 1;
  std::uint64_t refilled_ = 0;
  std::uint64_t events_ = 0;
  bool stopped_ = false;
  std::vector<std::unique_ptr<StreamLoop>> loops_;
};

}  // namespace omakase::feed
