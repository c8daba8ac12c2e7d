#include "net/server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <optional>
#include <unordered_map>

#include "base/log.h"
#include "net/connection.h"

namespace omakase::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using runtime::error_code;
using runtime::use_tuple;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""min;

namespace {

constexpr auto kPatience = std::chrono::seconds(1);  // with a client that has come, before it gives way to another

}  // namespace

struct Server::State {
  State(const runtime::Executor& executor, Handler answer, ServerOptions limits)
      : reception(executor, std::move(answer), std::move(limits)),
        acceptor(executor),
        connections(executor),
        accepting(executor),
        room(executor) {}

  Reception reception;
  tcp::acceptor acceptor;
  runtime::TaskGroup connections;
  runtime::TaskGroup accepting;
  runtime::Signal room;
  std::size_t open = 0;
  std::unordered_map<std::uint64_t, std::size_t> open_by_client;
  std::chrono::steady_clock::time_point complained = std::chrono::steady_clock::time_point::min();

  // One connection's place among those that are open, and its client's.
  struct Place {
    Place(State& in, std::optional<std::uint64_t> of) : state(in), client(of) {
      ++state.open;
      if (client) ++state.open_by_client[*client];
    }
    ~Place() {
      --state.open;
      if (client && --state.open_by_client[*client] == 0) state.open_by_client.erase(*client);
      state.room.notify();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    State& state;
    std::optional<std::uint64_t> client;
  };

  Task<> serve(tcp::socket socket, Address peer, std::unique_ptr<Place>) {
    co_await serve_connection(std::move(socket), std::move(peer), reception);
  }

  // As whom this one is counted; nullopt when it is not.
  std::optional<std::uint64_t> counted_as(const Address& peer) const {
    const ServerOptions& limits = reception.options;
    const bool proxy = std::ranges::any_of(limits.proxies, [&](const Network& one) { return one.contains(peer); });
    if (proxy || !Reception::holds(limits.connections_per_client, peer)) return std::nullopt;
    return client_key(peer);
  }

  void admit(tcp::socket socket) {
    error_code gone;
    const auto remote = socket.remote_endpoint(gone);
    if (gone) return;
    const Address peer = plain(remote.address());
    const auto client = counted_as(peer);
    if (const auto known = client ? open_by_client.find(*client) : open_by_client.end();
        known != open_by_client.end() && known->second >= reception.options.connections_per_client.most) {
      return send_away(socket, "too many connections of one address", "This address has too many connections.");
    }
    // The kernel gives the lowest descriptor that is free, so a high one tells that those below are in use.
    const int highest = reception.options.max_descriptor;
    if (highest > 0 && socket.native_handle() > highest) {
      if (!reception.cut_longest_waiting({})) {
        return send_away(socket, "too few descriptors", "The server has too many connections.");
      }
      complain("too few descriptors");
      take_lowest_descriptor(socket);
    }
    ++reception.counts.connections;
    connections.spawn("connection", serve(std::move(socket), peer, std::make_unique<Place>(*this, client)));
  }

  // That of the connection which was cut: else each one in two would go beyond the highest.
  static void take_lowest_descriptor(tcp::socket& socket) {
    error_code ec;
    const auto protocol = socket.local_endpoint(ec).protocol();
    const int high = socket.release(ec);
    if (ec) return;
    const int low = fcntl(high, F_DUPFD_CLOEXEC, 0);
    if (low >= 0) close(high);
    socket.assign(protocol, low >= 0 ? low : high, ec);
  }

  void send_away(tcp::socket& socket, std::string_view why, std::string detail) {
    complain(why);
    ++reception.counts.connections_refused;
    const std::string text =
        closing_text(problem({base::ErrorKind::kUnavailable, "too_many_connections", std::move(detail), {}}));
    // The buffer of a new socket takes it; who sent something already may see a reset instead.
    [[maybe_unused]] const auto sent = send(socket.native_handle(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  // In the log, but not for every client of a flood.
  void complain(std::string_view why) {
    const auto now = std::chrono::steady_clock::now();
    if (complained != std::chrono::steady_clock::time_point::min() && now - complained < 1min) return;
    complained = now;
    base::log_warn("connections are refused or cut", {{"why", why}, {"open", open}});
  }

  // Waits until a connection ends, after making one end that keeps the server waiting: not one that has only just come, or a
  // crowd of honest clients would cut each other. The limit is for descriptors that come free elsewhere.
  Task<> make_room(std::string_view why) {
    complain(why);
    reception.cut_longest_waiting(kPatience);
    co_await room.wait_for(100ms);
  }

  Task<> accept_all() {
    while (!reception.stopping) {
      if (open >= reception.options.max_connections) {
        co_await make_room("as many connections as allowed");
        continue;
      }
      std::string short_of;
      try {
        auto [ec, socket] = co_await acceptor.async_accept(use_tuple);
        if (reception.stopping) break;
        if (ec) short_of = ec.message();
        if (!ec) admit(std::move(socket));
      } catch (const std::bad_alloc&) {
        short_of = "no memory";  // this one is closed; the next may find some
      }
      if (!short_of.empty()) co_await make_room(short_of);
    }
  }
};

Server::Server(runtime::Executor executor, Handler handler, ServerOptions options)
    : state_(std::make_unique<State>(executor, std::move(handler), std::move(options))) {}

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

ServerCounts Server::counts() const {
  ServerCounts counts = state_->reception.counts;
  counts.open_connections = state_->open;
  return counts;
}

void Server::serve() { state_->accepting.spawn("accept", state_->accept_all()); }

void Server::stop() {
  state_->reception.stopping = true;
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
