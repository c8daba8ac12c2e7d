// A named thread that lives as long as its owner, and the two mailboxes through which such a thread is given work.
// Mailbox: the thread blocks in take_all(). PollMailbox: the thread sleeps in epoll on fd(), then calls take_all().
// Both are unbounded by themselves: each user says what bounds it. close() makes take_all() return empty for ever.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace omakase::runtime {

class Worker {
 public:
  // `name` is at most 15 characters: what top and gdb show.
  Worker(const std::string& name, std::function<void()> body);
  ~Worker() { join(); }
  void join();

 private:
  std::thread thread_;
};

template <typename T>
class Mailbox {
 public:
  void push(T item) {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      wake = items_.empty();
      items_.push_back(std::move(item));
    }
    // There is one taker, and it waits only while there is nothing.
    if (wake) changed_.notify_one();
  }

  // Waits until there is something; empty only after close().
  std::vector<T> take_all() {
    std::unique_lock lock(mutex_);
    awaited_ = true;
    changed_.wait(lock, [this] { return !items_.empty() || closed_; });
    awaited_ = false;
    return std::exchange(items_, {});
  }

  // Whether the taker has nothing to do.
  bool awaited() const {
    const std::lock_guard lock(mutex_);
    return awaited_ && items_.empty();
  }

  // What is there now.
  std::vector<T> take_now() {
    const std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> items_;
  bool awaited_ = false;
  bool closed_ = false;
};

template <typename T>
class PollMailbox {
 public:
  PollMailbox() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~PollMailbox() { close(fd_); }
  PollMailbox(const PollMailbox&) = delete;
  PollMailbox& operator=(const PollMailbox&) = delete;

  int fd() const { return fd_; }

  void push(T item) {
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      wake = items_.empty();
      items_.push_back(std::move(item));
    }
    if (wake) {
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
    }
  }

  std::vector<T> take_all() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(fd_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }

 private:
  int fd_;
  std::mutex mutex_;
  std::vector<T> items_;
};

}  // namespace omakase::runtime
