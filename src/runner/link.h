// The server's end of a runner: its records from an offset on, and messages to it. Owned by whoever supervises the run, on its
// Loop's thread. Reading is pulled: a caller that does not ask for the next record lets the rest wait on the runner's disk. Where
// no runner lives any more, the same calls read what it left in its folder. Connecting again is the caller's business: a link
// that has ended gives no more records, and from the last stored end_offset a new one goes on without a gap.
// Payloads are what the agent wrote: hostile bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "runner/protocol.h"
#include "runtime/asio.h"

namespace omakase::runner {

class RunnerLink {
 public:
  // kNotFound `no_runner` when the folder never had one; `bad_hello` when it has nothing from this offset.
  static runtime::Task<base::Result<std::unique_ptr<RunnerLink>>> connect(std::string folder, std::uint64_t from);
  ~RunnerLink();
  RunnerLink(const RunnerLink&) = delete;
  RunnerLink& operator=(const RunnerLink&) = delete;

  // What the runner speaks: kProtocol, or the version before. That one has no relay and no such notes.
  int protocol() const;

  // Whether a runner is at the other end. Otherwise messages go nowhere.
  bool live() const;

  // The next record; nullopt at the end: the runner is gone and its spool read, another server took over, or close() was called.
  // An `exit` note is the last record of an agent; a dead runner's spool without one was cut off. One caller at a time.
  runtime::Task<base::Result<std::optional<Record>>> next();

  // Sent in order, in the background. Fails (`runner_gone`, `runner_busy`) when the link is at its end, or too much waits to be
  // sent. An input has arrived when its InputWritten comes, not before.
  base::Result<void> send(const ServerMessage& message);

  void close();

 private:
  class Connection;
  explicit RunnerLink(std::shared_ptr<Connection> connection);

  std::shared_ptr<Connection> connection_;
};

}  // namespace omakase::runner
