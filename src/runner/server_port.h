// The runner's socket: one server at a time reads the spool from where it left off, for ever, and sends messages. A new server's
// Hello ends the older connection; connections without one are ended soon, and few may wait. Nothing is kept per reader but an
// offset: what it has not taken is on disk. Owned by the Runner, on its Loop's thread. Only this user's processes may connect.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>

#include <chrono>
#include <functional>
#include <memory>

#include "base/error.h"
#include "runner/protocol.h"
#include "runner/runner_folder.h"
#include "runner/spool.h"
#include "runtime/asio.h"
#include "runtime/signal.h"
#include "runtime/task_group.h"

namespace omakase::runner {

class ServerPort {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  struct Events {
    std::function<RunnerHello()> greeting;
    std::function<void(ServerMessage)> on_message;  // not Hello, not Ack
    std::function<void()> on_change;                // a server came or went
  };

  ServerPort(runtime::Executor executor, Spool& spool, Events events);

  base::Result<void> open(const RunnerFolder& folder);

  // Until cancelled.
  runtime::Task<> accept_all();
  // Ends every connection.
  runtime::Task<> shut_down();

  bool connected() const { return current_ != nullptr; }
  Instant last_connected() const { return last_connected_; }

 private:
  using Protocol = runtime::asio::local::stream_protocol;
  struct Connection;

  runtime::Task<> serve(std::shared_ptr<Connection> connection);
  runtime::Task<base::Result<message::Hello>> receive_hello(Connection& connection);
  runtime::Task<> receive_messages(Connection& connection);
  runtime::Task<> send_spool(std::shared_ptr<Connection> connection, std::uint64_t from);
  runtime::Task<std::optional<std::string>> next_line(Connection& connection);
  void take_over(const std::shared_ptr<Connection>& connection);
  void end(Connection& connection);

  runtime::Executor executor_;
  Spool& spool_;
  Events events_;
  Protocol::acceptor acceptor_;
  std::shared_ptr<Connection> current_;
  Instant last_connected_;
  runtime::TaskGroup connections_;
};

}  // namespace omakase::runner
