// One thread with its share of the readers and senders, around an epoll of its own. It opens its connections, a limited number
// at once, posts what is due, and reads, until the course ends; whoever waits for that joins it and takes what it counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "load/counts.h"
#include "load/course.h"
#include "load/options.h"
#include "load/posts.h"
#include "load/reader.h"
#include "load/sender.h"

namespace omakase::load {

class Worker {
 public:
  // The `number`th of `options.threads`; starts at once.
  Worker(const Options& options, Course& course, Posts& posts, std::size_t number);
  ~Worker();

  // The course has come to a new step.
  void wake();
  // Waits for the end of the course.
  const Counts& join();

 private:
  enum class Kind : std::uint8_t { kWake, kTimer, kReader, kSender };

  void run();
  void on_event(Kind kind, std::size_t index, std::uint32_t events, std::int64_t now);
  void watch(int fd, Kind kind, std::size_t index, std::uint32_t events);
  void enter(Step step, std::int64_t now);

  void open_readers(std::int64_t now);
  void on_reader(std::size_t index, std::uint32_t events, std::int64_t now);

  void open_sender(std::size_t index);
  void on_sender(std::size_t index, std::int64_t now);
  void post_what_is_due(std::int64_t now);
  bool may_post(std::int64_t now);
  void set_timer();

  const Options& options_;
  Course& course_;
  Counts counts_;
  Reading reading_;
  std::vector<Reader> readers_;
  std::vector<bool> complete_;  // by reader, in the last step
  std::vector<Sender> senders_;
  std::deque<std::size_t> idle_;  // senders
  std::size_t next_reader_ = 0;   // to be opened
  std::size_t opening_ = 0;
  std::int64_t next_due_ns_ = 0;
  std::int64_t between_ns_ = 0;  // two messages of this thread; 0: as the answers come
  Step step_ = Step::kConnect;
  int epoll_;
  int wake_;
  int timer_;
  std::thread thread_;
};

}  // namespace omakase::load
