#include <sys/socket.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <cerrno>
#include <list>
#include <variant>

#include "base/clock.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "net/server.h"

namespace omakase::net {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using runtime::error_code;
using runtime::use_tuple;
using std::chrono_literals::operator""s;

constexpr std::uint32_t kMaxHeadBytes = 16 * 1024;
constexpr int kMaxFields = 100;
constexpr auto kHeadLimit = 10s;
constexpr auto kBodyLimit = 30s;
constexpr auto kWriteLimit = 30s;
constexpr auto kIdleLimit = 75s;
constexpr auto kForever = std::chrono::hours(24 * 365);

using Stream = beast::tcp_stream;
using Parser = http::request_parser<http::string_body>;

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get: return Method::kGet;
    case http::verb::head: return Method::kHead;
    case http::verb::post: return Method::kPost;
    case http::verb::put: return Method::kPut;
    case http::verb::patch: return Method::kPatch;
    case http::verb::delete_: return Method::kDelete;
    case http::verb::options: return Method::kOptions;
    default: return Method::kOther;
  }
}

// All but the body.
Request head_to_request(const http::request<http::string_body>& message, const std::string& remote_address) {
  Request request;
  request.method = method_of(message.method());
  request.target = std::string_view(message.target());
  const std::string_view target = request.target;
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  for (const auto& field : message)
    request.headers.emplace_back(std::string_view(field.name_string()), std::string_view(field.value()));
  request.remote_address = remote_address;
  request.request_id = base::new_ulid(base::SystemClock().now());
  return request;
}

http::response<http::empty_body> head_of(const Response& response, unsigned version, bool keep_alive) {
  http::response<http::empty_body> head{static_cast<http::status>(response.status), version};
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

// The body of a response that is written while it is made: HTTP chunks.
class ChunkWriter final : public BodyWriter {
 public:
  explicit ChunkWriter(Stream& stream) : stream_(stream) {}

  Task<bool> write(std::string_view data) override {
    if (data.empty() || aborted_) co_return !aborted_;
    char size[24];
    const int digits = std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    const std::array<asio::const_buffer, 3> buffers{asio::buffer(size, static_cast<std::size_t>(digits)), asio::buffer(data),
                                                    asio::buffer("\r\n", 2)};
    stream_.expires_after(kWriteLimit);
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
    stream_.expires_after(kWriteLimit);
    auto [ec, written] = co_await asio::async_write(stream_, asio::buffer("0\r\n\r\n", 5), use_tuple);
    co_return !ec;
  }

 private:
  Stream& stream_;
  bool aborted_ = false;
};

class Connection {
 public:
  Connection(tcp::socket socket, const Handler& handler, const ServerOptions& options, const bool& stopping)
      : stream_(std::move(socket)), handler_(handler), options_(options), stopping_(stopping) {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    const auto remote = stream_.socket().remote_endpoint(ignored);
    if (!ignored) remote_address_ = remote.address().to_string();
  }

  Task<> run() {
    bool first = true;
    while (co_await serve_one(std::exchange(first, false))) {
    }
    co_await close();
  }

 private:
  // False when the connection has to close.
  Task<bool> serve_one(bool first) {
    Parser parser;
    parser.header_limit(kMaxHeadBytes);
    parser.body_limit(boost::none);  // until the head has been looked at
    if (buffer_.size() == 0) {
      // The time limit of a head runs from its first byte; before that the connection is only idle.
      stream_.expires_after(first ? kHeadLimit : kIdleLimit);
      auto [ec, n] = co_await stream_.async_read_some(buffer_.prepare(4096), use_tuple);
      if (ec || stopping_) co_return false;
      buffer_.commit(n);
    }
    stream_.expires_after(kHeadLimit);
    auto [head_error, head_bytes] = co_await http::async_read_header(stream_, buffer_, parser, use_tuple);
    if (head_error) co_return co_await refuse(head_error);
    if (std::distance(parser.get().begin(), parser.get().end()) > kMaxFields) {
      co_return co_await answer_broken(base::invalid("too_many_headers", "The request has more than 100 header fields.").error());
    }
    Request request = head_to_request(parser.get(), remote_address_);
    if (options_.refuse) {
      if (auto refusal = options_.refuse(request)) co_return co_await send_and_close(*std::move(refusal));
    }
    if (const auto length = parser.content_length(); length && *length > options_.max_body_bytes) {
      co_return co_await refuse(http::error::body_limit);
    }
    parser.body_limit(options_.max_body_bytes);
    if (base::equal_ignoring_case(std::string_view(parser.get()[http::field::expect]), "100-continue")) {
      auto [ec, n] =
          co_await asio::async_write(stream_, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), use_tuple);
      if (ec) co_return false;
    }
    stream_.expires_after(kBodyLimit);
    if (!parser.is_done()) {
      auto [body_error, body_bytes] = co_await http::async_read(stream_, buffer_, parser, use_tuple);
      if (body_error) co_return co_await refuse(body_error);
    }
    const bool keep_alive = parser.get().keep_alive();
    const unsigned version = parser.get().version();
    request.body = std::move(parser.get().body());
    stream_.expires_never();
    std::optional<Response> response = co_await while_client_stays(call(request));
    if (!response) co_return false;
    response->with("X-Request-Id", request.request_id);
    co_return co_await send(*std::move(response), version, keep_alive && !stopping_, request.method == Method::kHead);
  }

  // The value of `work`; nullopt when the client hung up first and its work ends with it.
  template <typename Value>
  Task<std::optional<Value>> while_client_stays(Task<Value> work) {
    using asio::experimental::awaitable_operators::operator||;
    if (!options_.end_with_client) co_return co_await std::move(work);
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
      co_return co_await handler_(request);
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) throw;
      what = error.what();
    } catch (const std::exception& error) {
      what = error.what();
    }
    base::log_error("request failed", {{"request", request.request_id}, {"path", request.path}, {"error", what}});
    co_return problem(base::internal(what).error());
  }

  Task<bool> send(Response response, unsigned version, bool keep_alive, bool head_only) {
    stream_.expires_after(kWriteLimit);
    if (response.take_over && !head_only) co_return co_await hand_over(response, version);
    auto head = head_of(response, version, keep_alive);
    if (response.producer && !head_only) {
      head.chunked(true);
      const std::string text = serialise(head);
      auto [ec, n] = co_await asio::async_write(stream_, asio::buffer(text), use_tuple);
      if (ec) co_return false;
      ChunkWriter writer(stream_);
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

  Task<bool> hand_over(const Response& response, unsigned version) {
    const std::string text = serialise(head_of(response, version, false));
    auto [ec, n] = co_await asio::async_write(stream_, asio::buffer(text), use_tuple);
    if (ec) co_return false;
    tcp::socket socket = stream_.release_socket();
    error_code released;
    const int fd = socket.release(released);
    if (!released) response.take_over({fd});
    gone_ = true;
    co_return false;
  }

  // A head or body that could not be read: says why where HTTP has a word for it, and closes.
  Task<bool> refuse(error_code ec) {
    if (ec == http::error::body_limit) {
      co_return co_await answer_broken(
          {base::ErrorKind::kTooLarge, "body_too_large",
           "The request body is larger than " + std::to_string(options_.max_body_bytes / 1024) + " KiB.", "body"});
    }
    if (ec == http::error::header_limit) {
      Response response = problem(base::invalid("header_too_large", "The request's head is larger than 16 KiB.").error());
      response.status = 431;
      co_return co_await send_and_close(std::move(response));
    }
    if (ec.category() != http::make_error_code(http::error::end_of_stream).category() || ec == http::error::end_of_stream ||
        ec == http::error::partial_message) {
      co_return false;
    }
    co_return co_await answer_broken(
        base::invalid("malformed_http", "The request is not valid HTTP: " + ec.message() + ".").error());
  }

  Task<bool> answer_broken(base::Error error) { co_return co_await send_and_close(problem(error)); }

  Task<bool> send_and_close(Response response) {
    response.with("X-Request-Id", base::new_ulid(base::SystemClock().now()));
    co_await send(std::move(response), 11, false, false);
    co_return false;
  }

  // Lets the client read the last answer before a reset could destroy it.
  Task<> close() {
    if (gone_) co_return;
    error_code ec;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ec);
    if (ec) co_return;
    stream_.expires_after(2s);
    std::array<char, 4096> drop;
    for (std::size_t dropped = 0; dropped < 4 * options_.max_body_bytes;) {
      auto [error, n] = co_await stream_.async_read_some(asio::buffer(drop), use_tuple);
      if (error) break;
      dropped += n;
    }
  }

  Stream stream_;
  beast::flat_buffer buffer_{kMaxHeadBytes + 64 * 1024};
  const Handler& handler_;
  const ServerOptions& options_;
  const bool& stopping_;
  std::string remote_address_;
  bool gone_ = false;
};

}  // namespace

struct Server::State {
  State(runtime::Executor on, Handler answer, ServerOptions limits)
      : executor(on), handler(std::move(answer)), options(limits), acceptor(on), connections(on), accepting(on), room(on) {}

  runtime::Executor executor;
  Handler handler;
  ServerOptions options;
  tcp::acceptor acceptor;
  runtime::TaskGroup connections;
  runtime::TaskGroup accepting;
  runtime::Signal room;
  bool stopping = false;

  Task<> serve_connection(tcp::socket socket) {
    {
      Connection connection(std::move(socket), handler, options, stopping);
      co_await connection.run();
    }
    room.notify();
  }

  Task<> accept_all() {
    while (!stopping) {
      if (connections.size() >= options.max_connections) {
        co_await room.wait_for(1s);
        continue;
      }
      auto [ec, socket] = co_await acceptor.async_accept(use_tuple);
      if (stopping) break;
      if (ec) {
        // Out of descriptors or an aborted handshake: give others time to close rather than spin.
        co_await room.wait_for(std::chrono::milliseconds(100));
        continue;
      }
      connections.spawn("connection", serve_connection(std::move(socket)));
    }
  }
};

Server::Server(runtime::Executor executor, Handler handler, ServerOptions options)
    : state_(std::make_unique<State>(std::move(executor), std::move(handler), options)) {}

Server::~Server() = default;

Result<void> Server::listen(const std::string& address, std::uint16_t port) {
  error_code ec;
  const auto ip = asio::ip::make_address(address, ec);
  if (ec) return base::invalid("bad_address", "\"" + address + "\" is not a numeric IP address.", "listen");
  const tcp::endpoint endpoint(ip, port);
  auto& acceptor = state_->acceptor;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(4096, ec);
  if (ec == asio::error::address_in_use) {
    return base::conflict("address_in_use", "Port " + std::to_string(port) + " on " + address + " is taken by another program.");
  }
  if (ec)
    return base::invalid("cannot_listen", "Cannot listen on " + address + ":" + std::to_string(port) + ": " + ec.message() + ".",
                         "listen");
  return {};
}

Result<void> Server::listen_on(int socket) {
  error_code ec;
  state_->acceptor.assign(tcp::v4(), socket, ec);
  if (ec) return base::internal("Cannot listen on a socket that was handed over: " + ec.message() + ".");
  return {};
}

std::uint16_t Server::port() const {
  error_code ec;
  return state_->acceptor.local_endpoint(ec).port();
}

void Server::serve() { state_->accepting.spawn("accept", state_->accept_all()); }

void Server::stop() {
  state_->stopping = true;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->accepting.cancel();
}

Task<> Server::join() {
  co_await state_->accepting.join();
  // Requests under way get a moment; what waits for a next request or reads slowly is cut.
  for (int i = 0; i < 20 && state_->connections.size() > 0; ++i) co_await state_->room.wait_for(std::chrono::milliseconds(50));
  state_->connections.cancel();
  co_await state_->connections.join();
}

}  // namespace omakase::net
