// libcurl's multi handle, driven by the Loop: its sockets are watched, its timer runs, and who waits for a transfer is told of
// its end. Owned by Outbound, shared with its transfers; on the Loop's thread. Sockets stay curl's own: they are only watched.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <curl/curl.h>

#include <map>
#include <memory>

#include "runtime/asio.h"

namespace omakase::net {

class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
 public:
  // CURLOPT_PRIVATE of each easy handle.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void ended(CURLcode code) = 0;  // called once, from inside the loop's handlers
  };

  CurlLoop(runtime::Executor executor, long idle_connections);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  bool add(CURL* easy);
  void remove(CURL* easy);

 private:
  struct Watch;
  using Stream = runtime::asio::posix::stream_descriptor;

  void watch(curl_socket_t socket, int what);
  void arm(const std::shared_ptr<Watch>& watch, Stream::wait_type type);
  void set_timer(long milliseconds);
  void act(curl_socket_t socket, int events);

  runtime::Executor executor_;
  CURLM* multi_;
  runtime::asio::steady_timer timer_;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
};

}  // namespace omakase::net
