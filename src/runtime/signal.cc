#include "runtime/signal.h"

namespace omakase::runtime {

void Signal::notify() {
  for (Waiter& waiter : waiters_) {
    waiter.notified = true;
    waiter.timer.cancel();
  }
}

Task<> Signal::wait() { co_await wait_for(std::chrono::hours(24 * 365)); }

Task<bool> Signal::wait_for(Duration limit) {
  const auto waiter = waiters_.insert(waiters_.end(), Waiter{asio::steady_timer(executor_, limit)});
  struct Leave {
    std::list<Waiter>& list;
    std::list<Waiter>::iterator at;
    ~Leave() { list.erase(at); }
  } leave{waiters_, waiter};
  co_await waiter->timer.async_wait(use_tuple);
  co_return waiter->notified;
}

}  // namespace omakase::runtime
