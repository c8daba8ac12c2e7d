// The thread that sends: an epoll loop over the sockets of open streams. Each topic has one Ring, each reader a byte cursor into
// it; a send carries everything the reader has not seen. A topic's readers are served in slices, so that new events and other
// topics get their turn between them. Owned by the Hub, which gives it commands from the Loop's thread and is called back on this
// one. A reader is first held: it has its place in the ring, but gets only what the Hub sends it from the store, until it is
// released. A reader of several topics is a reader of one ring that carries them all, tagged, in the order in which they were
// published, and takes of it what it wants: so one timestamp says where it stands in all of them. Bounds: ring 8 MiB a topic,
// then readers behind it are lost (the Hub refills them from the store); a reader that takes no byte for 20 s is closed. Stops
// when destroyed: every socket is closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "feed/ring.h"
#include "runtime/worker.h"

namespace omakase::feed {

using ReaderId = std::uint64_t;
using TopicId = std::uint64_t;

inline constexpr std::size_t kMaxRingBytes = 8 * 1024 * 1024;

// What the Loop's thread may read of a topic while the stream thread works.
struct TopicGauge {
  std::atomic<std::uint64_t> queued{0};  // bytes published but not yet in the ring
  std::atomic<std::uint64_t> lag{0};     // bytes of the ring that the slowest healthy reader has not taken
  std::atomic<bool> awaited{false};      // someone waits for the slowest to catch up

  std::uint64_t behind() const { return queued.load() + lag.load(); }
};

class StreamLoop {
 public:
  // A reader joins a topic, at the ring's head and held. A new reader comes with its socket; a lost one keeps it (fd -1).
  struct Attach {
    ReaderId reader;
    TopicId topic;
    int fd = -1;
    base::Timestamp position;  // of the last stored message published so far
    std::shared_ptr<TopicGauge> gauge;
    std::vector<TagId> tags;  // which events of the ring it wants (sorted); none: all
  };
  // Bytes from the store for a held reader. `tell` asks for on_drained when they are sent.
  struct Feed {
    ReaderId reader;
    std::string bytes;
    bool tell = false;
  };
  // The held reader goes on with the ring; with `close` it is closed once it has got everything. `bytes` tell how things stand
  // now: they are dropped when the reader was lost meanwhile, as it is then filled once more.
  struct Release {
    ReaderId reader;
    base::Timestamp position;  // of the last stored message it was fed
    std::string bytes;
    bool close = false;
  };
  struct Publish {
    TopicId topic;
    std::string frame;
    base::Timestamp stored;
    std::shared_ptr<TopicGauge> gauge;
    bool close = false;  // the last event: readers are closed after it
    TagId tag = 0;
  };
  // The reader is closed once it has got everything published so far.
  struct Close {
    ReaderId reader;
  };
  struct Drop {
    ReaderId reader;
  };
  using Command = std::variant<Attach, Feed, Release, Publish, Close, Drop>;

  struct Callbacks {
    std::function<void(ReaderId)> on_drained;
    std::function<void(ReaderId, base::Timestamp position)> on_lost;  // attach it again; it stands after `position`
    std::function<void(ReaderId, TopicId)> on_gone;
    std::function<void(TopicId)> on_caught_up;
  };

  struct Options {
    bool by_hand = false;  // no thread of its own: turn() is called instead
    std::size_t ring_bytes = kMaxRingBytes;
  };
  StreamLoop(Callbacks callbacks, Options options);
  ~StreamLoop();

  // One look at sockets and commands, and one slice of every topic that has something new. Waits no longer than this (-1: for as
  // long as it takes).
  void turn(int timeout_ms);

  // Kept by its thread; read from any.
  struct Counts {
    std::atomic<std::uint64_t> stalled = 0;  // closed, as they took nothing for 20 s
    std::atomic<std::uint64_t> sent_bytes = 0;
  };
  const Counts& counts() const { return counts_; }

  void post(Command command) { commands_.push(std::move(command)); }

 private:
  struct Topic;
  struct Reader;

  void run();
  void run_commands();
  void apply(Attach& command);
  void apply(Feed& command);
  void apply(Release& command);
  void apply(Publish& command);
  void apply(Close& command);
  void apply(Drop& command);
  void on_socket(Reader& reader, std::uint32_t events);
  bool flush(Reader& reader);
  void serve_slices();
  void settle(Topic& topic);
  void lose_laggards(Topic& topic);
  void tick();
  void ping(Reader& reader);
  void remove(Reader& reader);
  Reader* find(ReaderId id);

  Counts counts_;
  Callbacks callbacks_;
  std::size_t ring_bytes_;
  runtime::PollMailbox<Command> commands_;
  int epoll_ = -1;
  std::atomic<bool> stopping_{false};
  std::unordered_map<ReaderId, std::unique_ptr<Reader>> readers_;
  std::unordered_map<TopicId, std::unique_ptr<Topic>> topics_;
  std::vector<Topic*> dirty_;
  std::unordered_set<Reader*> blocked_;
  std::int64_t now_ms_ = 0;
  std::int64_t next_tick_ms_ = 0;
  unsigned tick_slot_ = 0;
  std::unique_ptr<runtime::Worker> worker_;
};

}  // namespace omakase::feed
