#include "load/worker.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace omakase::load {

namespace {

constexpr std::size_t kBufferBytes = 1024 * 1024 + 256 * 1024;  // what a reader may keep, and what it reads at once

std::size_t share_of(std::size_t all, std::size_t number, std::size_t of) { return (all + of - 1 - number) / of; }

}  // namespace

Worker::Worker(const Options& options, Course& course, Posts& posts, std::size_t number)
    : options_(options),
      course_(course),
      reading_{options, course, counts_, std::vector<char>(kBufferBytes)},
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  const std::size_t readers = options.readers + options.stalled;
  readers_.reserve(share_of(readers, number, options.threads));
  for (std::size_t i = number; i < readers; i += options.threads) {
    const std::size_t channel = i % options.channels.size();
    readers_.emplace_back(channel, posts.of_channel(channel), i >= options.readers);
  }
  complete_.resize(readers_.size());
  for (std::size_t i = number; i < options.senders; i += options.threads) senders_.emplace_back(posts.of_sender(i), options.port);
  if (options.rate > 0 && !senders_.empty()) {
    const double share = static_cast<double>(senders_.size()) / static_cast<double>(options.senders);
    between_ns_ = static_cast<std::int64_t>(1e9 / (options.rate * share));
  }
  thread_ = std::thread([this] { run(); });
}

Worker::~Worker() {
  for (const int fd : {epoll_, wake_, timer_}) close(fd);
}

void Worker::wake() { eventfd_write(wake_, 1); }

const Counts& Worker::join() {
  thread_.join();
  return counts_;
}

void Worker::run() {
  watch(wake_, Kind::kWake, 0, EPOLLIN);
  watch(timer_, Kind::kTimer, 0, EPOLLIN);
  for (std::size_t i = 0; i < senders_.size(); ++i) open_sender(i);
  open_readers(now_ns());
  std::array<epoll_event, 512> events;
  while (step_ != Step::kEnd) {
    const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      on_event(static_cast<Kind>(event.data.u64 >> 32), event.data.u64 & 0xffffffff, event.events, now_ns());
    }
    if (const Step step = course_.step.load(); step != step_) enter(step, now_ns());
    if (step_ == Step::kConnect) open_readers(now_ns());
    if (step_ == Step::kPost) post_what_is_due(now_ns());
  }
  for (Reader& reader : readers_) {
    counts_.faults.add(reader.faults());
    reader.close();
  }
  for (Sender& sender : senders_) sender.finish();
}

void Worker::watch(int fd, Kind kind, std::size_t index, std::uint32_t events) {
  epoll_event event{.events = events, .data = {.u64 = static_cast<std::uint64_t>(kind) << 32 | index}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void Worker::on_event(Kind kind, std::size_t index, std::uint32_t events, std::int64_t now) {
  std::uint64_t drop = 0;
  switch (kind) {
    case Kind::kWake: eventfd_read(wake_, &drop); break;
    case Kind::kTimer: (void)!read(timer_, &drop, sizeof drop); break;
    case Kind::kReader: on_reader(index, events, now); break;
    case Kind::kSender: on_sender(index, now); break;
  }
}

void Worker::enter(Step step, std::int64_t now) {
  step_ = step;
  if (step == Step::kPost) {
    next_due_ns_ = now;
    for (Sender& sender : senders_) {
      if (sender.state() == Sender::State::kDone) course_.done(Step::kPost);
    }
  } else if (step == Step::kDrain) {
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      complete_[i] = readers_[i].complete();
      if (complete_[i]) course_.done(Step::kDrain);
    }
  }
}

void Worker::open_readers(std::int64_t now) {
  while (next_reader_ < readers_.size() && opening_ < std::max<std::size_t>(options_.opening / options_.threads, 1)) {
    Reader& reader = readers_[next_reader_++];
    if (reader.open(reading_, now)) {
      ++opening_;
      watch(reader.fd(), Kind::kReader, next_reader_ - 1, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    } else {
      course_.done(Step::kConnect);
    }
  }
}

void Worker::on_reader(std::size_t index, std::uint32_t events, std::int64_t now) {
  Reader& reader = readers_[index];
  const bool settled = reader.settled();
  reader.on_ready(reading_, now, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  if (!settled && reader.settled()) {
    --opening_;
    course_.done(Step::kConnect);
  }
  if (step_ == Step::kDrain && !complete_[index] && reader.complete()) {
    complete_[index] = true;
    course_.done(Step::kDrain);
  }
}

void Worker::open_sender(std::size_t index) {
  Sender& sender = senders_[index];
  if (sender.open()) {
    watch(sender.fd(), Kind::kSender, index, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  } else {
    course_.done(step_);
  }
}

void Worker::on_sender(std::size_t index, std::int64_t now) {
  Sender& sender = senders_[index];
  if (sender.fd() < 0) return;  // finished by what came before in the same round
  const bool was_connecting = sender.state() == Sender::State::kConnecting;
  if (sender.on_ready(course_, counts_, now)) {
    idle_.push_back(index);
    if (was_connecting && step_ == Step::kConnect) course_.done(Step::kConnect);
  } else if (sender.lost()) {
    std::erase(idle_, index);
    open_sender(index);
  }
}

void Worker::post_what_is_due(std::int64_t now) {
  while (!idle_.empty()) {
    Sender& sender = senders_[idle_.front()];
    const bool at_a_rate = between_ns_ > 0;
    if (now < course_.measure_until.load() && at_a_rate && next_due_ns_ > now) break;
    if (may_post(now)) {
      sender.post(course_, at_a_rate ? next_due_ns_ : now);
      next_due_ns_ += between_ns_;
    } else {
      sender.finish();
      course_.done(Step::kPost);
    }
    idle_.pop_front();
  }
  set_timer();
}

// Takes one of the messages that are left, while it is not over.
bool Worker::may_post(std::int64_t now) { return now < course_.measure_until.load() && course_.messages_left.fetch_sub(1) > 0; }

// For the next message that is due while a sender is idle.
void Worker::set_timer() {
  if (between_ns_ == 0 || idle_.empty()) return;
  const std::int64_t at = std::min(next_due_ns_, course_.measure_until.load());
  const itimerspec due{.it_interval = {}, .it_value = {.tv_sec = at / 1'000'000'000, .tv_nsec = at % 1'000'000'000}};
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &due, nullptr);
}

}  // namespace omakase::load
