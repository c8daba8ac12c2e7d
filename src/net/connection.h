// One connection of a Server: reads requests one after the other, has them answered, and closes. What a Server's connections
// share is in Reception. Lives on the Loop as one task of the Server; serve() returns when the connection has closed or its
// socket was handed over. Bytes are read by request_head and request_body, which check them; a refused request is the
// connection's last.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <list>

#include "net/client_address.h"
#include "net/deadlines.h"
#include "net/rate_limit.h"
#include "net/server.h"

namespace omakase::net {

class Connection;

struct Reception {
  Reception(const runtime::Executor& executor, Handler answer, ServerOptions limits)
      : handler(std::move(answer)), options(std::move(limits)), rate(options.requests_per_second.most), deadlines(executor) {}

  // Closes the connection that has made the server wait longest for a whole request; false when there is none, or none for as
  // long as `patience`.
  bool cut_longest_waiting(runtime::Duration patience);

  // Whether a limit is meant for this client.
  static bool holds(const ClientLimit& limit, const Address& client) {
    return limit.most > 0 && (limit.for_local_too || !client.is_loopback());
  }

  Handler handler;
  ServerOptions options;
  RateLimit rate;
  Deadlines deadlines;
  ServerCounts counts;
  std::list<Connection*> waiting;  // for a request or the rest of one, the longest first
  bool stopping = false;
};

Task<> serve_connection(boost::asio::ip::tcp::socket socket, Address peer, Reception& reception);

// A whole answer, after which the connection closes.
std::string closing_text(const Response& response);

}  // namespace omakase::net
