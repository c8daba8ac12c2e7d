// A request as handlers see it, and the response they give. Everything in a Request comes from a stranger; what is checked before
// a handler sees it: that it is strict HTTP/1.1 (request_head.h), sizes (head 16 KiB, 100 fields, body 1 MiB unless configured).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "runtime/asio.h"

namespace omakase::net {

using base::Result;
using runtime::Task;

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view text(Method method);

using Header = std::pair<std::string, std::string>;

struct Request {
  Method method = Method::kGet;
  std::string target;  // "/api/projects?limit=5", or "*"
  std::string path;    // its path, still percent-encoded
  std::string query;   // its query, still percent-encoded, without '?'
  std::vector<Header> headers;
  std::string body;
  std::string remote_address;  // "127.0.0.1"; behind a listed proxy, of whom the proxy speaks for
  bool local = false;          // remote_address is this machine itself
  std::uint64_t client = 0;    // what is counted as one client (client_address.h)
  std::string request_id;      // of this server's making; in every answer as X-Request-Id

  // The first header of that name (any case), or "".
  std::string_view header(std::string_view name) const;
  // The first query parameter of that name, decoded; nullopt when absent or malformed.
  std::optional<std::string> parameter(std::string_view name) const;
  // Every one of that name, in order; a malformed one is nullopt.
  std::vector<std::optional<std::string>> parameters(std::string_view name) const;
  // The cookie of that name, or "".
  std::string_view cookie(std::string_view name) const;
};

// Writes a response's body piece by piece, while the client listens. Lives on the Loop for as long as the producer runs.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // False when the client is gone; then the producer should end.
  virtual Task<bool> write(std::string_view data) = 0;
  // Cuts the connection in the middle of the body.
  virtual void abort() = 0;
};

// A connected socket whose response header has been written: the receiver owns the descriptor (non-blocking).
struct StreamSocket {
  int fd = -1;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<Header> headers;
  std::string_view fixed_headers;  // further ones as lines that end by CRLF: bytes that outlive the server
  std::string body;
  std::string_view static_body;  // used instead of `body` when not empty: bytes that outlive the server

  // One of these makes the response a stream: the body is then not used.
  std::function<Task<>(BodyWriter&)> producer;  // chunked; the connection stays with net/
  std::function<void(StreamSocket)> take_over;  // the socket leaves net/ after the header; no length, Connection: close

  Response& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

Response json_response(int status, std::string body);
Response empty_response(int status);

// application/problem+json (RFC 9457): type, title, status, detail, code and, where one is at fault, field. The detail of an
// internal error is replaced: it belongs in the log. `more` are further members that tell a program what it needs to go on.
Response problem(const base::Error& error, const boost::json::object& more = {});
int status_of(base::ErrorKind kind);

using Handler = std::function<Task<Response>(Request&)>;

}  // namespace omakase::net
