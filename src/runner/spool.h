// What the agent said and what the runner noted, on disk, in order, readable by offset. Owned by the Runner; on its Loop's
// thread. A record is on disk (in the kernel's hands, not synced) before anyone is told of it. When the disk refuses, append()
// waits and tries again, so that nobody reads on from the agent meanwhile; a record is there whole or not at all. Bounded by what
// the server has not acknowledged (kMaxUnacknowledged): room() waits. What is acknowledged is given back to the file system;
// offsets stay what they were.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "process/fd.h"
#include "runner/protocol.h"
#include "runner/runner_folder.h"
#include "runtime/asio.h"
#include "runtime/signal.h"

namespace omakase::runner {

class Spool {
 public:
  static constexpr std::uint64_t kMaxUnread = std::uint64_t{256} << 20;
  static constexpr std::uint64_t kMaxSize = std::uint64_t{4} << 30;

  // Fails when the folder has a spool already: one folder, one agent.
  static base::Result<Spool> create(const RunnerFolder& folder, runtime::Executor executor, const base::Clock& clock,
                                    std::uint64_t max_unread = kMaxUnread);

  runtime::Task<> append(RecordKind kind, std::string_view payload);
  runtime::Task<> append(const Note& note);

  // Waits until less than the bounds is there, or unbind().
  runtime::Task<> room();
  void unbind();  // the agent is gone: what is left in its pipes is short

  std::uint64_t end() const { return end_; }
  std::uint64_t beginning() const { return freed_; }  // what is before it may be gone

  // Bytes from `offset`, as many as there are, at most the buffer; 0 at the end.
  base::Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) const;
  void mark_read(std::uint64_t offset);  // a server has been sent everything up to here
  void acknowledge(std::uint64_t offset);

  // Notified after each append.
  runtime::Signal& grown() { return grown_; }

 private:
  Spool(process::Fd file, runtime::Executor executor, const base::Clock& clock, std::uint64_t max_unread)
      : file_(std::move(file)), clock_(&clock), max_unread_(max_unread), grown_(executor), room_made_(executor) {}
  bool write_record(std::string_view header, std::string_view payload);

  process::Fd file_;
  const base::Clock* clock_;
  std::uint64_t max_unread_;
  std::uint64_t end_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t freed_ = 0;
  bool bounded_ = true;
  runtime::Signal grown_;
  runtime::Signal room_made_;
};

}  // namespace omakase::runner
