#include "net/connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
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
using asio::ip::tcp;
using runtime::error_code;
using runtime::use_tuple;
using std::chrono_literals::operator""s;

constexpr auto kWriteLimit = 30s;
constexpr unsigned kSilenceMs = 20'000;  // of a client's kernel, while something sent is not acknowledged
constexpr auto kLingerLimit = 2s;
constexpr auto kForever = std::chrono::hours(24 * 365);
// A body has to keep up with this rate, but for its first seconds.
constexpr std::int64_t kMinBodyBytesPerSecond = 1024;
constexpr auto kBodyGrace = 5s;
constexpr std::size_t kHeadPiece = 4096;
constexpr std::size_t kBodyPiece = 64 * 1024;
// A body up to this size is copied behind its head: dearer than two buffers only when it is large.
constexpr std::size_t kSmallBody = 4096;

// How the end of a response's body is told.
enum class Framing { kLength, kChunked, kUntilClose, kNone };

std::string head_of(const Response& response, Framing framing, std::size_t length, bool keep_alive) {
  std::string text;
  text.reserve(512 + response.fixed_headers.size() + (framing == Framing::kLength && length <= kSmallBody ? length : 0));
  const auto line = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  text.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(std::string_view(reason)).append("\r\n");
  if (!response.content_type.empty()) line("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) line(name, value);
  text.append(response.fixed_headers);
  if (!keep_alive) line("Connection", "close");
  if (framing == Framing::kLength) line("Content-Length", std::to_string(length));
  if (framing == Framing::kChunked) line("Transfer-Encoding", "chunked");
  return text += "\r\n";
}

// A socket whose writes have a time limit.
class LimitedWrites {
 public:
  LimitedWrites(tcp::socket& socket, Deadline& deadline) : socket_(socket), deadline_(deadline) {}

  // False when they were not taken in time, or the connection is gone.
  template <typename Buffers>
  Task<bool> write_all(Buffers buffers) {
    deadline_.expires_after(kWriteLimit);
    auto [ec, written] = co_await asio::async_write(socket_, buffers, use_tuple);
    const bool late = deadline_.passed();
    if (late) reset();
    deadline_.never();
    co_return !ec && !late;
  }
  Task<bool> write(std::string_view text) { return write_all(asio::buffer(text)); }

  // Ends the connection so that the client sees a cut.
  void reset() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

 private:
  tcp::socket& socket_;
  Deadline& deadline_;
};

// The body of a response that is written while it is made: HTTP chunks, or for HTTP/1.0 bytes until the connection closes.
class ChunkWriter final : public BodyWriter {
 public:
  ChunkWriter(LimitedWrites& out, bool chunked) : out_(out), chunked_(chunked) {}

  Task<bool> write(std::string_view data) override {
    if (data.empty() || aborted_) co_return !aborted_;
    if (!chunked_) co_return co_await out_.write(data) && !aborted_;
    char size[24];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    const std::array<asio::const_buffer, 3> buffers{asio::buffer(size, static_cast<std::size_t>(digits)), asio::buffer(data),
                                                    asio::buffer("\r\n", 2)};
    co_return co_await out_.write_all(buffers) && !aborted_;
  }

  void abort() override {
    aborted_ = true;
    out_.reset();
  }

  Task<bool> finish() {
    if (aborted_) co_return false;
    co_return !chunked_ || co_await out_.write("0\r\n\r\n");
  }

 private:
  LimitedWrites& out_;
  bool chunked_;
  bool aborted_ = false;
};

}  // namespace

class Connection {
 public:
  Connection(tcp::socket socket, Address peer, Reception& reception)
      : socket_(std::move(socket)), peer_(std::move(peer)), reception_(reception) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    // Of a client whose network went away no end comes: what was sent is not acknowledged.
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kSilenceMs, sizeof kSilenceMs);
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
    error_code ignored;
    socket_.close(ignored);
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
    deadline_.never();
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
    deadline_.expires_after(begun ? limits.head_limit : limits.idle_limit);
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
      if (const Receipt receipt = co_await receive(kHeadPiece); receipt != Receipt::kSome) {
        // Who has sent nothing has asked nothing: a late answer could be taken for that to the next request.
        if (receipt == Receipt::kLate && buffer_.size() > 0) co_await send_and_close(refusal_response(too_slow("head")), false);
        co_return std::nullopt;
      }
      if (!std::exchange(begun, true)) deadline_.expires_after(limits.head_limit);
    }
    RequestHead& head = reader.head();
    const Address client = client_address(peer_, head.request.headers, limits.proxies);
    head.request.remote_address = client.to_string();
    head.request.local = client.is_loopback();
    head.request.client = client_key(client);
    head.request.request_id = base::new_ulid(base::SystemClock().now());
    if (Reception::holds(limits.requests_per_second, client) &&
        !reception_.rate.take(client_key(client), RateLimit::Clock::now())) {
      ++reception_.counts.rate_limited;
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
    const std::size_t larger = limits.larger_body ? limits.larger_body(head.request) : 0;
    const std::size_t most = std::max(limits.max_body_bytes, larger);
    const auto time_limit = limits.body_limit * static_cast<std::int64_t>(1 + (most - 1) / limits.max_body_bytes);
    BodyReader reader(head, most);
    const bool head_only = head.request.method == Method::kHead;
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
      const auto used = reader.read(received(), body);
      if (!used) co_return co_await send_and_close(refusal_response(used.error()), head_only);
      buffer_.consume(*used);
      if (reader.done()) co_return true;
      if (std::exchange(head.expects_continue, false) && buffer_.size() == 0) {
        if (!co_await out_.write("HTTP/1.1 100 Continue\r\n\r\n")) co_return false;
      }
      const std::chrono::milliseconds paid(1000 * static_cast<std::int64_t>(body.size()) / kMinBodyBytesPerSecond);
      deadline_.expires_at(begin + std::min<std::chrono::milliseconds>(time_limit, kBodyGrace + paid));
      const Receipt receipt = co_await receive(kBodyPiece);
      if (receipt == Receipt::kLate) co_return co_await send_and_close(refusal_response(too_slow("body")), head_only);
      if (receipt == Receipt::kGone) co_return false;
    }
  }

  std::string_view received() const { return {static_cast<const char*>(buffer_.data().data()), buffer_.size()}; }

  enum class Receipt { kSome, kLate, kGone };
  Task<Receipt> receive(std::size_t most) {
    auto [ec, n] = co_await socket_.async_read_some(buffer_.prepare(most), use_tuple);
    buffer_.commit(n);
    if (deadline_.passed() && !gone_) co_return Receipt::kLate;
    co_return ec || reception_.stopping ? Receipt::kGone : Receipt::kSome;
  }

  static Refusal too_slow(const char* what) {
    return {{base::ErrorKind::kInvalid, "too_slow", std::string("The request's ") + what + " did not come in time.", {}}, 408};
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
      auto [ec] = co_await socket_.async_wait(tcp::socket::wait_read, use_tuple);
      char byte = 0;
      const ssize_t got = ec ? 0 : recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) co_return;
      if (got > 0) co_await asio::steady_timer(socket_.get_executor(), kForever).async_wait(use_tuple);
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
    if (const auto status = static_cast<std::size_t>(response.status); status < reception_.counts.answers.size()) {
      ++reception_.counts.answers[status];
    }
    if (response.take_over && !head_only) co_return co_await hand_over(response);
    if (response.producer) {
      const Framing framing = http_1_0 ? Framing::kUntilClose : Framing::kChunked;
      keep_alive = keep_alive && (head_only || framing == Framing::kChunked);
      const std::string head = head_of(response, framing, 0, keep_alive);
      if (!co_await out_.write(head)) co_return false;
      if (head_only) co_return keep_alive;
      ChunkWriter writer(out_, framing == Framing::kChunked);
      const auto written = co_await while_client_stays(produce(response, writer));
      co_return written&& co_await writer.finish() && keep_alive;
    }
    const std::string_view body = response.static_body.empty() ? std::string_view(response.body) : response.static_body;
    const Framing framing = response.status == 204 || response.status == 304 ? Framing::kNone : Framing::kLength;
    std::string head = head_of(response, framing, body.size(), keep_alive);
    if (head_only || framing == Framing::kNone) co_return co_await out_.write(head) && keep_alive;
    if (body.size() <= kSmallBody) co_return co_await out_.write(head += body) && keep_alive;
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
    co_return co_await out_.write_all(buffers) && keep_alive;
  }

  static Task<bool> produce(const Response& response, ChunkWriter& writer) {
    co_await response.producer(writer);
    co_return true;
  }

  Task<bool> hand_over(const Response& response) {
    const std::string head = head_of(response, Framing::kUntilClose, 0, false);
    if (!co_await out_.write(head)) co_return false;
    error_code released;
    const int fd = socket_.release(released);
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
    socket_.shutdown(tcp::socket::shutdown_send, ec);
    if (ec) co_return;
    deadline_.expires_after(kLingerLimit);
    std::array<char, 4096> drop;
    for (std::size_t dropped = 0; dropped < 4 * reception_.options.max_body_bytes && !deadline_.passed();) {
      auto [error, n] = co_await socket_.async_read_some(asio::buffer(drop), use_tuple);
      if (error) break;
      dropped += n;
    }
  }

  tcp::socket socket_;
  boost::beast::flat_buffer buffer_{kMaxHeadBytes + kBodyPiece};
  Address peer_;
  Reception& reception_;
  Deadline deadline_{reception_.deadlines, [this] {
                       error_code ignored;
                       socket_.cancel(ignored);
                     }};
  LimitedWrites out_{socket_, deadline_};
  std::list<Connection*> place_;  // this connection's place among those that wait, while it does not
  std::list<Connection*>::iterator where_;
  std::chrono::steady_clock::time_point waiting_since_;
  bool gone_ = false;
};

bool Reception::cut_longest_waiting(runtime::Duration patience) {
  if (waiting.empty() || std::chrono::steady_clock::now() - waiting.front()->waiting_since() < patience) return false;
  ++counts.connections_cut;
  waiting.front()->cut();
  return true;
}

Task<> serve_connection(tcp::socket socket, Address peer, Reception& reception) {
  Connection connection(std::move(socket), std::move(peer), reception);
  co_await connection.run();
}

std::string closing_text(const Response& response) {
  return head_of(response, Framing::kLength, response.body.size(), false) + response.body;
}

}  // namespace omakase::net
