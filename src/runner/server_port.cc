#include "runner/server_port.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/write.hpp>

#include <utility>
#include <variant>
#include <vector>

#include "base/log.h"
#include "process/line_splitter.h"
#include "runtime/loop.h"

namespace omakase::runner {

namespace {

namespace asio = runtime::asio;
using base::ErrorKind;
using base::Result;
using runtime::Task;
using std::chrono_literals::operator""s;

constexpr auto kHelloLimit = 5s;
constexpr std::size_t kMaxConnections = 8;
constexpr std::size_t kReadSize = std::size_t{16} << 10;
constexpr std::size_t kSendSize = std::size_t{64} << 10;

bool same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

Task<bool> send_all(asio::local::stream_protocol::socket& socket, std::string_view bytes) {
  const auto [error, sent] = co_await asio::async_write(socket, asio::buffer(bytes), runtime::use_tuple);
  co_return !error;
}

}  // namespace

struct ServerPort::Connection {
  Protocol::socket socket;
  process::LineSplitter lines{kMaxMessage};
  std::vector<char> buffer = std::vector<char>(kReadSize);
  bool ended = false;
};

ServerPort::ServerPort(runtime::Executor executor, Spool& spool, Events events)
    : executor_(executor),
      spool_(spool),
      events_(std::move(events)),
      acceptor_(executor),
      last_connected_(std::chrono::steady_clock::now()),
      connections_(executor) {}

Result<void> ServerPort::open(const RunnerFolder& folder) {
  boost::system::error_code error;
  acceptor_.open(Protocol(), error);
  if (!error) acceptor_.bind(Protocol::endpoint(folder.socket_address()), error);
  if (!error) acceptor_.listen(kMaxConnections, error);
  if (error) {
    return base::fail(ErrorKind::kUnavailable, "no_socket", "The runner's socket cannot be made: " + error.message() + ".");
  }
  return {};
}

Task<> ServerPort::accept_all() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(runtime::use_tuple);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors, say: what is connected goes on, and accepting does not spin.
      co_await runtime::sleep_for(1s);
      continue;
    }
    if (!same_user(socket.native_handle()) || connections_.size() >= kMaxConnections) continue;
    connections_.spawn("server", serve(std::make_shared<Connection>(std::move(socket))));
  }
}

Task<> ServerPort::shut_down() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  connections_.cancel();
  co_await connections_.join();
  current_.reset();
}

Task<std::optional<std::string>> ServerPort::next_line(Connection& connection) {
  for (;;) {
    if (const auto line = connection.lines.next()) {
      if (line->kind == process::Line::Kind::kWhole) co_return std::string(line->text);
      continue;
    }
    const auto [error, got] = co_await connection.socket.async_read_some(asio::buffer(connection.buffer), runtime::use_tuple);
    if (error || connection.ended) co_return std::nullopt;
    connection.lines.push({connection.buffer.data(), got});
  }
}

Task<Result<message::Hello>> ServerPort::receive_hello(Connection& connection) {
  using asio::experimental::awaitable_operators::operator||;
  const auto refuse = [](std::string detail) { return base::invalid("bad_hello", std::move(detail)); };
  auto received = co_await (next_line(connection) || runtime::sleep_for(kHelloLimit));
  const auto* line = std::get_if<0>(&received);
  if (!line || !*line) co_return refuse("No greeting came.");
  OMAKASE_CO_TRY(const ServerMessage message, decode_server_message(**line));
  const auto* hello = std::get_if<message::Hello>(&message);
  if (!hello) co_return refuse("The first message must be a greeting.");
  if (hello->protocol != kProtocol) co_return refuse("This runner speaks version " + std::to_string(kProtocol) + ".");
  if (hello->from > spool_.end() || hello->from < spool_.beginning()) {
    co_return refuse("The spool goes from " + std::to_string(spool_.beginning()) + " to " + std::to_string(spool_.end()) + ".");
  }
  co_return *hello;
}

Task<> ServerPort::serve(std::shared_ptr<Connection> connection) {
  const auto hello = co_await receive_hello(*connection);
  if (!hello) {
    const std::string refusal = encode(hello.error());
    co_await send_all(connection->socket, refusal);
    co_return;
  }
  take_over(connection);
  const std::string greeting = encode(events_.greeting());
  if (co_await send_all(connection->socket, greeting)) {
    connections_.spawn("spool to server", send_spool(connection, hello->from));
    co_await receive_messages(*connection);
  }
  end(*connection);
}

void ServerPort::take_over(const std::shared_ptr<Connection>& connection) {
  if (current_) end(*current_);
  current_ = connection;
  events_.on_change();
}

void ServerPort::end(Connection& connection) {
  if (std::exchange(connection.ended, true)) return;
  boost::system::error_code ignored;
  connection.socket.close(ignored);
  spool_.grown().notify();  // its sender may wait there
  if (current_.get() != &connection) return;
  current_.reset();
  last_connected_ = std::chrono::steady_clock::now();
  events_.on_change();
}

Task<> ServerPort::receive_messages(Connection& connection) {
  while (const auto line = co_await next_line(connection)) {
    auto message = decode_server_message(*line);
    if (!message) {
      base::log_warn("a message of the server was not understood", {{"error", message.error().detail}});
    } else if (const auto* ack = std::get_if<message::Ack>(&*message)) {
      spool_.acknowledge(ack->offset);
    } else {
      events_.on_message(*std::move(message));
    }
  }
}

Task<> ServerPort::send_spool(std::shared_ptr<Connection> connection, std::uint64_t from) {
  std::vector<char> buffer(kSendSize);
  for (std::uint64_t offset = from; !connection->ended;) {
    const auto got = spool_.read(offset, buffer);
    if (!got) {
      base::log_error("the spool cannot be sent", {{"error", got.error().detail}});
      break;
    }
    if (*got == 0) {
      co_await spool_.grown().wait();
    } else if (co_await send_all(connection->socket, {buffer.data(), *got})) {
      offset += *got;
      spool_.mark_read(offset);
    } else {
      break;
    }
  }
  end(*connection);
}

}  // namespace omakase::runner
