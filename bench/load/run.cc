#include "load/run.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "load/course.h"
#include "load/posts.h"
#include "load/worker.h"

namespace omakase::load {

namespace {

constexpr double kConnectSeconds = 60;
constexpr std::int64_t kSampleNs = 100'000'000;  // of the server's memory

std::int64_t in_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

double own_processor_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Run {
 public:
  explicit Run(const Options& options) : options_(options), posts_(options) {
    course_.news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    course_.session = std::random_device{}();
  }
  ~Run() { close(course_.news); }

  Outcome lead() {
    if (options_.watch_pid) outcome_.before = usage_of_tree(options_.watch_pid);
    connect();
    if (outcome_.connected) {
      measure();
      drain();
    }
    begin(Step::kEnd);
    for (const auto& worker : workers_) outcome_.counts.add(worker->join());
    return std::move(outcome_);
  }

 private:
  void connect() {
    const std::int64_t start = now_ns();
    open(Step::kConnect) = options_.readers + options_.stalled + options_.senders;
    for (std::size_t i = 0; i < options_.threads; ++i) workers_.push_back(std::make_unique<Worker>(options_, course_, posts_, i));
    outcome_.connected = wait(Step::kConnect, start + in_ns(kConnectSeconds));
    outcome_.connect_s = static_cast<double>(now_ns() - start) / 1e9;
  }

  void measure() {
    open(Step::kPost) = options_.senders;
    const std::int64_t from = now_ns() + in_ns(options_.count > 0 ? 0 : options_.warm_up_s);
    const std::int64_t until = from + in_ns(options_.seconds);
    course_.measure_from = from;
    if (options_.count == 0) course_.measure_until = until;
    if (options_.count > 0) course_.messages_left = static_cast<std::int64_t>(options_.count);
    begin(Step::kPost);
    pass_time(from);
    if (options_.watch_pid) outcome_.measured_from = usage_of_tree(options_.watch_pid);
    const double own_before = own_processor_s();
    if (options_.count > 0) {
      wait(Step::kPost, until);
      course_.measure_until = now_ns();
    } else {
      pass_time(until);
    }
    outcome_.own_processor_s = own_processor_s() - own_before;
    if (options_.watch_pid) outcome_.measured_until = usage_of_tree(options_.watch_pid);
    outcome_.measured_s = static_cast<double>(course_.measure_until.load() - from) / 1e9;
  }

  void drain() {
    for (const auto& worker : workers_) worker->wake();  // whoever waits to post sees that it is over
    outcome_.answered = wait(Step::kPost, now_ns() + in_ns(options_.drain_s));
    open(Step::kDrain) = options_.readers + options_.stalled;
    begin(Step::kDrain);
    outcome_.delivered = wait(Step::kDrain, now_ns() + in_ns(options_.drain_s));
  }

  std::atomic<std::size_t>& open(Step step) { return course_.open[static_cast<std::size_t>(step)]; }

  void begin(Step step) {
    course_.step = step;
    for (const auto& worker : workers_) worker->wake();
  }

  // Until every connection is done with the step; false at the deadline.
  bool wait(Step step, std::int64_t deadline) {
    while (open(step).load() > 0) {
      if (now_ns() >= deadline) return false;
      wait_for_news(deadline);
    }
    return true;
  }

  void pass_time(std::int64_t until) {
    while (now_ns() < until) wait_for_news(until);
  }

  void wait_for_news(std::int64_t deadline) {
    const std::int64_t left = std::min(deadline - now_ns(), kSampleNs);
    pollfd news{.fd = course_.news, .events = POLLIN, .revents = 0};
    eventfd_t drop = 0;
    if (poll(&news, 1, static_cast<int>(std::max<std::int64_t>(left, 0) / 1'000'000 + 1)) > 0) eventfd_read(course_.news, &drop);
    if (options_.watch_pid && course_.counts(now_ns()))
      outcome_.peak_resident_kb = std::max(outcome_.peak_resident_kb, resident_kb_of_tree(options_.watch_pid));
  }

  const Options& options_;
  Posts posts_;
  Course course_;
  Outcome outcome_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

Outcome run(const Options& options) { return Run(options).lead(); }

}  // namespace omakase::load
