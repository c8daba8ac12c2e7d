// Accepts HTTP/1.1 connections on one address and answers each request through one Handler. Lives on the Loop; owned by app/ (or
// the practice model). listen() binds, serve() accepts until stop(); join() waits until no connection is left. Limits: head 16
// KiB and 10 s, 100 fields, body `max_body_bytes` and 30 s, idle keep-alive 75 s, `max_connections` at once (more wait in the
// kernel's queue). A request with a broken head gets 400 and the connection closes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/http.h"
#include "runtime/task_group.h"

namespace omakase::net {

struct ServerOptions {
  std::size_t max_body_bytes = 1024 * 1024;
  std::size_t max_connections = 8192;  // besides streams that were handed over
  // Sees a request's head before its body is read; a response refuses it, and closes.
  std::function<std::optional<Response>(const Request& head)> refuse;
  // A client that hangs up cancels the handler, or the producer, that works for it.
  bool end_with_client = false;
};

class Server {
 public:
  Server(runtime::Executor executor, Handler handler, ServerOptions options = {});
  ~Server();

  // `address` is numeric ("127.0.0.1", "::1"); port 0 takes a free one. kConflict address_in_use; kInvalid otherwise.
  Result<void> listen(const std::string& address, std::uint16_t port);
  // The same with a TCP socket that listens already; owns it.
  Result<void> listen_on(int socket);
  std::uint16_t port() const;

  // Starts accepting.
  void serve();

  // Stops accepting and ends idle connections; requests under way are finished.
  void stop();
  Task<> join();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace omakase::net
