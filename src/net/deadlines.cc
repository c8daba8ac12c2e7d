#include "net/deadlines.h"

#include <algorithm>

namespace omakase::net {

using std::chrono_literals::operator""s;

void Deadlines::wait_until(Clock::time_point at) {
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const runtime::error_code& ec) {
    if (!ec && !alive.expired()) look();
  });
}

void Deadlines::look() {
  const auto now = Clock::now();
  auto next = Clock::time_point::max();
  for (Deadline* one : all_) {
    if (one->at_ <= now) {
      one->passed_ = true;
      one->at_ = now + 1s;
      one->cancel_();
    }
    next = std::min(next, one->at_);
  }
  armed_ = Clock::time_point::max();
  if (next != armed_) wait_until(next);
}

}  // namespace omakase::net
