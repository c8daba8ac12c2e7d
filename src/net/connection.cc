#include "net/connection.h"

#include <sys/socket.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <cerrno>
#include <variant>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "net/request_body.h"
#include "net/request_head.h"

namespace omakase::net {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using runtime::error_code;
using runtime::use_tuple;
using std::chrono_literals::operator""s;

constexpr auto kWriteLimit = 30s;
constexpr auto kLingerLimit = 2s;
constexpr auto kForever = std::chrono::hours(24 * 365);
// A body has to keep up with this rate, but for its first seconds.
constexpr std::int64_t kMinBodyBytesPerSecond = 1024;
constexpr auto kBodyGrace = 5s;
constexpr std::size_t kHeadPiece = 4096;
constexpr std::size_t kBodyPiece = 64 * 1024;

using Stream = beast::tcp_stream;

http::response<http::empty_body> head_of(const Response& response, bool keep_alive) {
  http::response<http::empty_body> head{static_cast<http::status>(response.status), 11};
  if (!response.content_type.empty()) head.set(http::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) head.insert(name, value);
  head.keep_alive(keep_alive);
  return head;
}

std::string serialise(const http::response<http::empty_body>& head) {
  std::string text =
      "HTTP/1.1 " + std::to_string(head.result_int()) + " " + std::string(std::string_view(head.reason())) + "\r\n";
  for (const auto& field : head) {
    text.append(std::string_view(field.name_string())).append(": ").append(std::string_view(field.value())).append("\r\n");
  }
  return text += "\r\n";
}

// The body of a response that is written while it is made: HTTP chunks, or for HTTP/1.0 bytes until the connection closes.
class ChunkWriter final : public BodyWriter {
 public:
  ChunkWriter(Stream& stream, bool chunked) : stream_(stream), chunked_(chunked) {}

  Task<bool> write(std::string_view data) override {
    if (data.empty() || aborted_) co_return !aborted_;
    stream_.expires_after(kWriteLimit);
    if (!chunked_) {
      auto [ec, written] = co_await asio::async_write(stream_, asio::buffer(data), use_tuple);
      co_return !ec && !aborted_;
    }
    char size[24];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    const std::array<asio::const_buffer, 3> buffers{asio::buffer(size, static_cast<std::size_t>(digits)), asio::buffer(data),
                                                    asio::buffer("\r\n", 2)};
    auto [ec, written] = co_await asio::async_write(stream_, buffers, use_tuple);
    co_return !ec && !aborted_;
  }

  void abort() override {
    aborted_ = true;
    error_code ignored;
    // A reset rather than an orderly end: the client must see a cut.
    stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    stream_.socket().close(ignored);
  }

  Task<bool> finish() {
    if (aborted_) co_return false;
    if (!chunked_) co_return true;
    stream_.expires_after(kWriteLimit);
    auto [ec, written] = co_await asio::async_write(stream_, asio::buffer("0\r\n\r\n", 5), use_tuple);
    co_return !ec;
  }

 private:
  Stream& stream_;
  bool chunked_;
  bool aborted_ = false;
};

}  // namespace

class Connection {
 public:
  Connection(tcp::socket socket, Address peer, Reception& reception)
      : stream_(std::move(socket)), peer_(std::move(peer)), reception_(reception) {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    where_ = place_.insert(place_.end(), this);
  }
  ~Connection() { stop_waiting(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Task<> run() {
    wait();
    bool first = true;
    while (co_await serve_one(std::exchange(first, false))) wait();
    wait();
    co_await close();
  }

  std::chrono::steady_clock::time_point waiting_since() const { return waiting_since_; }

  // At once, without an answer: whoever has waited longest makes room for others.
  void cut() {
    stop_waiting();
    gone_ = true;
    stream_.close();
  }

 private:
  // False when the connection has to close.
  Task<bool> serve_one(bool first) {
    auto head = co_await read_head(first);
    if (!head) co_return false;
    Request& request = head->request;
    const bool head_only = request.method == Method::kHead;
    if (auto refusal = refuse_by_head(request)) co_return co_await send_and_close(*std::move(refusal), head_only);
    if (!co_await read_body(*head)) co_return false;
    stop_waiting();
    stream_.expires_never();
    std::optional<Response> response = co_await while_client_stays(call(request));
    if (!response) co_return false;
    response->with("X-Request-Id", request.request_id);
    co_return co_await send(*std::move(response), head->http_1_0, head->keep_alive && !reception_.stopping, head_only);
  }

  // nullopt when there is none, and nothing more to say.
  Task<std::optional<RequestHead>> read_head(bool first) {
    const ServerOptions& limits = reception_.options;
    HeadReader reader;
    // The time limit of a head runs from its first byte; before that the connection is only idle.
    bool begun = first || buffer_.size() > 0;
    stream_.expires_after(begun ? limits.head_limit : limits.idle_limit);
    for (;;) {
      const auto length = reader.read(received());
      if (!length) {
        co_await send_and_close(refusal_response(length.error()), false);
        co_return std::nullopt;
      }
      if (*length) {
        buffer_.consume(**length);
        break;
      }
      if (!co_await receive(kHeadPiece)) co_return std::nullopt;
      if (!std::exchange(begun, true)) stream_.expires_after(limits.head_limit);
    }
    RequestHead& head = reader.head();
    const Address client = client_address(peer_, head.request.headers, limits.proxies);
    head.request.remote_address = client.to_string();
    head.request.local = client.is_loopback();
    head.request.request_id = base::new_ulid(base::SystemClock().now());
    if (Reception::holds(limits.requests_per_second, client) &&
        !reception_.rate.take(client_key(client), RateLimit::Clock::now())) {
      co_await send_and_close(problem({base::ErrorKind::kTooManyRequests,
                                       "rate_limited",
                                       "Too many requests come from this address. Try again in a second.",
                                       {}}),
                              head.request.method == Method::kHead);
      co_return std::nullopt;
    }
    co_return std::move(head);
  }

  std::optional<Response> refuse_by_head(const Request& head) const {
    return reception_.options.refuse ? reception_.options.refuse(head) : std::nullopt;
  }

  Task<bool> read_body(RequestHead& head) {
    const ServerOptions& limits = reception_.options;
    std::string& body = head.request.body;
    BodyReader reader(head, limits.max_body_bytes);
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      const auto used = reader.read(received(), body);
      if (!used) co_return co_await send_and_close(refusal_response(used.error()), head.request.method == Method::kHead);
      buffer_.consume(*used);
      if (reader.done()) co_return true;
      if (std::exchange(head.expects_continue, false) && buffer_.size() == 0) {
        stream_.expires_after(kWriteLimit);
        auto [ec, n] =
            co_await asio::async_write(stream_, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), use_tuple);
        if (ec) co_return false;
      }
      const std::chrono::milliseconds paid(1000 * static_cast<std::int64_t>(body.size()) / kMinBodyBytesPerSecond);
      stream_.expires_at(begin + std::min<std::chrono::milliseconds>(limits.body_limit, kBodyGrace + paid));
      if (!co_await receive(kBodyPiece)) co_return false;
    }
  }

  std::string_view received() const { return {static_cast<const char*>(buffer_.data().data()), buffer_.size()}; }

  Task<bool> receive(std::size_t most) {
    auto [ec, n] = co_await stream_.async_read_some(buffer_.prepare(most), use_tuple);
    buffer_.commit(n);
    co_return !ec && !reception_.stopping;
  }

  // Whether the server waits for this client, or the client for the server.
  void wait() {
    if (gone_ || place_.empty()) return;
    waiting_since_ = std::chrono::steady_clock::now();
    reception_.waiting.splice(reception_.waiting.end(), place_);
  }
  void stop_waiting() {
    if (place_.empty()) place_.splice(place_.end(), reception_.waiting, where_);
  }

  // The value of `work`; nullopt when the client hung up first and its work ends with it.
  template <typename Value>
  Task<std::optional<Value>> while_client_stays(Task<Value> work) {
    using asio::experimental::awaitable_operators::operator||;
    if (!reception_.options.end_with_client) co_return co_await std::move(work);
    auto outcome = co_await (std::move(work) || hang_up());
    if (auto* value = std::get_if<0>(&outcome)) co_return std::move(*value);
    co_return std::nullopt;
  }

  // Returns when the client has closed its end. One that sends more already is not watched any further.
  Task<> hang_up() {
    for (;;) {
      auto [ec] = co_await stream_.socket().async_wait(tcp::socket::wait_read, use_tuple);
      char byte = 0;
      const ssize_t got = ec ? 0 : recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) co_return;
      if (got > 0) co_await asio::steady_timer(stream_.get_executor(), kForever).async_wait(use_tuple);
    }
  }

  Task<Response> call(Request& request) {
    std::string what;
    try {
      co_return co_await reception_.handler(request);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) throw;
      what = error.what();
    } catch (const std::exception& error) {
      what = error.what();
    }
    base::log_error("request failed", {{"request", request.request_id}, {"path", request.path}, {"error", what}});
    co_return problem(base::internal(what).error());
  }

  Task<bool> send(Response response, bool http_1_0, bool keep_alive, bool head_only) {
    stream_.expires_after(kWriteLimit);
    if (response.take_over && !head_only) co_return co_await hand_over(response);
    auto head = head_of(response, keep_alive);
    if (response.producer && !head_only) {
      head.chunked(!http_1_0);
      const std::string text = serialise(head);
      auto [ec, n] = co_await asio::async_write(stream_, asio::buffer(text), use_tuple);
      if (ec) co_return false;
      ChunkWriter writer(stream_, !http_1_0);
      const auto written = co_await while_client_stays(produce(response, writer));
      co_return written&& co_await writer.finish() && keep_alive;
    }
    const std::string_view body = response.static_body.empty() ? std::string_view(response.body) : response.static_body;
    if (response.status != 204 && response.status != 304) head.content_length(body.size());
    std::string text = serialise(head);
    if (head_only || body.empty()) {
      auto [ec, n] = co_await asio::async_write(stream_, asio::buffer(text), use_tuple);
      co_return !ec && keep_alive;
    }
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(text), asio::buffer(body)};
    auto [ec, n] = co_await asio::async_write(stream_, buffers, use_tuple);
    co_return !ec && keep_alive;
  }

  static Task<bool> produce(const Response& response, ChunkWriter& writer) {
    co_await response.producer(writer);
    co_return true;
  }

  Task<bool> hand_over(const Response& response) {
    const std::string text = serialise(head_of(response, false));
    auto [ec, n] = co_await asio::async_write(stream_, asio::buffer(text), use_tuple);
    if (ec) co_return false;
    tcp::socket socket = stream_.release_socket();
    error_code released;
    const int fd = socket.release(released);
    if (!released) response.take_over({fd});
    gone_ = true;
    co_return false;
  }

  Task<bool> send_and_close(Response response, bool head_only) {
    response.with("X-Request-Id", base::new_ulid(base::SystemClock().now()));
    co_await send(std::move(response), false, false, head_only);
    co_return false;
  }

  // Lets the client read the last answer before a reset could destroy it.
  Task<> close() {
    if (gone_) co_return;
    error_code ec;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ec);
    if (ec) co_return;
    stream_.expires_after(kLingerLimit);
    std::array<char, 4096> drop;
    for (std::size_t dropped = 0; dropped < 4 * reception_.options.max_body_bytes;) {
      auto [error, n] = co_await stream_.async_read_some(asio::buffer(drop), use_tuple);
      if (error) break;
      dropped += n;
    }
  }

  Stream stream_;
  beast::flat_buffer buffer_{kMaxHeadBytes + kBodyPiece};
  Address peer_;
  Reception& reception_;
  std::list<Connection*> place_;  // this connection's place among those that wait, while it does not
  std::list<Connection*>::iterator where_;
  std::chrono::steady_clock::time_point waiting_since_;
  bool gone_ = false;
};

bool Reception::cut_longest_waiting(runtime::Duration patience) {
  if (waiting.empty() || std::chrono::steady_clock::now() - waiting.front()->waiting_since() < patience) return false;
  waiting.front()->cut();
  return true;
}

Task<> serve_connection(tcp::socket socket, Address peer, Reception& reception) {
  Connection connection(std::move(socket), std::move(peer), reception);
  co_await connection.run();
}

std::string closing_text(const Response& response) {
  auto head = head_of(response, false);
  head.content_length(response.body.size());
  return serialise(head) + response.body;
}

}  // namespace omakase::net
