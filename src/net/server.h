// Accepts HTTP/1.1 connections on one address and answers each request through one Handler. Lives on the Loop; owned by app/ (or
// the practice model, or a relay). listen() binds, serve() accepts until stop(); join() waits until no connection is left.
// A request that is not strict HTTP/1.1 (request_head.h), or larger than the limits, is refused and the connection closes.
// Nothing that clients do not send keeps others out: when the connections or the descriptors run short, the one that has made the
// server wait longest for a whole request is cut; where all are at work, new ones wait in the kernel's queue.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "net/client_address.h"
#include "net/http.h"
#include "net/rate_limit.h"
#include "runtime/task_group.h"

namespace omakase::net {

struct ServerOptions {
  std::size_t max_body_bytes = 1024 * 1024;
  // More than that for some requests, as their head says; they have `body_limit` for each max_body_bytes.
  std::function<std::size_t(const Request& head)> larger_body;
  std::size_t max_connections = 8192;  // besides streams that were handed over
  ClientLimit connections_per_client;  // besides streams; listed proxies may have any number
  ClientLimit requests_per_second;     // of one client
  int max_descriptor = 0;              // a connection with a higher one costs another its place; 0: no such limit
  std::chrono::milliseconds head_limit = std::chrono::seconds(10);  // from a head's first byte to its last
  std::chrono::milliseconds body_limit = std::chrono::seconds(30);  // the whole body; after 5 s at least 1 KiB a second
  std::chrono::milliseconds idle_limit = std::chrono::seconds(75);  // between two requests
  std::vector<Network> proxies;                                     // whose X-Forwarded-For is believed
  // Sees a request's head before its body is read; a response refuses it, and closes.
  std::function<std::optional<Response>(const Request& head)> refuse;
  // A client that hangs up cancels the handler, or the producer, that works for it.
  bool end_with_client = false;
};

// What a server has done since it began, and how many connections it has open.
struct ServerCounts {
  std::size_t open_connections = 0;
  std::uint64_t connections = 0;
  std::uint64_t connections_refused = 0;     // at their beginning
  std::uint64_t connections_cut = 0;         // to make room for others
  std::uint64_t rate_limited = 0;            // requests refused for their client's rate
  std::array<std::uint64_t, 600> answers{};  // by status
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
  ServerCounts counts() const;

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
