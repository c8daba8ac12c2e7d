// Time limits of many waits with one timer. A limit that is moved before it passes costs an assignment: the timer is set anew
// only when nothing is due earlier, and a pass over all waits happens when something may be due. Lives on the Loop.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <list>
#include <memory>

#include "runtime/asio.h"

namespace omakase::net {

class Deadline;

class Deadlines {
 public:
  explicit Deadlines(const runtime::Executor& executor) : timer_(executor) {}
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

 private:
  friend class Deadline;
  using Clock = std::chrono::steady_clock;

  void wait_until(Clock::time_point at);
  void look();

  boost::asio::steady_timer timer_;
  std::shared_ptr<const void> alive_ = std::make_shared<char>();  // the timer's last word may come later
  Clock::time_point armed_ = Clock::time_point::max();
  std::list<Deadline*> all_;
};

// One wait's limit. When it passes, `cancel` is called, and again each second until the limit is set anew or lifted: what began
// just then is cancelled too.
class Deadline {
 public:
  Deadline(Deadlines& among, std::function<void()> cancel) : among_(among), cancel_(std::move(cancel)) {
    place_ = among_.all_.insert(among_.all_.end(), this);
  }
  ~Deadline() { among_.all_.erase(place_); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void expires_after(runtime::Duration limit) { expires_at(Deadlines::Clock::now() + limit); }
  void expires_at(std::chrono::steady_clock::time_point at) {
    passed_ = false;
    at_ = at;
    if (at < among_.armed_) among_.wait_until(at);
  }
  void never() {
    passed_ = false;
    at_ = Deadlines::Clock::time_point::max();
  }
  bool passed() const { return passed_; }

 private:
  friend class Deadlines;

  Deadlines& among_;
  std::function<void()> cancel_;
  std::list<Deadline*>::iterator place_;
  std::chrono::steady_clock::time_point at_ = std::chrono::steady_clock::time_point::max();
  bool passed_ = false;
};

}  // namespace omakase::net
