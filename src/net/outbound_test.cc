// Calls against a server of our own on loopback, and against sockets that misbehave.
#include "net/outbound.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "net/server.h"
#include "runtime/loop.h"

namespace omakase::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using runtime::Loop;
using runtime::run_task;
using runtime::use_tuple;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

std::string url(std::uint16_t port, std::string_view path = "/") {
  return "http://127.0.0.1:" + std::to_string(port) + std::string(path);
}

template <typename Script>
void with_server(Handler handler, Script script, ServerOptions options = {}) {
  Loop loop;
  run_task(loop, [](Loop& home, Handler answer, Script inner, ServerOptions limits) -> Task<> {
    Server server(home.executor(), std::move(answer), std::move(limits));
    EXPECT_TRUE(server.listen("127.0.0.1", 0));
    server.serve();
    co_await inner(server.port(), home);
    server.stop();
    co_await server.join();
  }(loop, std::move(handler), std::move(script), std::move(options)));
}

Task<std::string> read_all(Outbound::Answer& answer) {
  std::string all;
  for (;;) {
    const auto piece = co_await answer.read();
    if (!piece || piece->empty()) co_return piece ? all : all + "[" + piece.error().code + "]";
    all += *piece;
  }
}

TEST(Outbound, SendsAWholeRequestAndReadsAWholeAnswer) {
  const auto echo = [](Request& request) -> Task<Response> {
    co_return json_response(201, request.path + " " + std::string(request.header("X-One")) + " " + request.body)
        .with("X-Two", "2");
  };
  with_server(echo, [](std::uint16_t port, Loop& loop) -> Task<> {
    Outbound outbound(loop.executor(), {});
    for (const char* body : {"first", "again, on the same connection"}) {
      auto answer = co_await outbound.call({.url = url(port, "/path"), .headers = {{"X-One", "1"}}, .body = body});
      EXPECT_TRUE(answer);
      if (!answer) co_return;
      EXPECT_EQ((*answer)->status(), 201);
      EXPECT_EQ((*answer)->header("x-two"), "2");
      EXPECT_EQ(co_await read_all(**answer), std::string("/path 1 ") + body);
    }
  });
}

TEST(Outbound, GivesEachPieceAsItComes) {
  runtime::Signal* go_on = nullptr;
  const auto stream = [&](Request&) -> Task<Response> {
    Response response;
    response.producer = [&](BodyWriter& writer) -> Task<> {
      co_await writer.write("one");
      co_await go_on->wait();
      co_await writer.write("two");
    };
    co_return response;
  };
  with_server(stream, [&](std::uint16_t port, Loop& loop) -> Task<> {
    runtime::Signal signal(loop.executor());
    go_on = &signal;
    Outbound outbound(loop.executor(), {});
    auto answer = co_await outbound.call({.url = url(port)});
    EXPECT_EQ(co_await (*answer)->read(), "one");
    signal.notify();
    EXPECT_EQ(co_await (*answer)->read(), "two");
    EXPECT_EQ(co_await (*answer)->read(), "");
  });
}

TEST(Outbound, ASlowReaderHoldsUpTheSender) {
  std::size_t sent = 0;
  const std::string piece(std::size_t{1} << 20, 'x');
  constexpr std::size_t kPieces = 64;
  const auto flood = [&](Request&) -> Task<Response> {
    Response response;
    response.producer = [&](BodyWriter& writer) -> Task<> {
      for (; sent < kPieces && co_await writer.write(piece); ++sent) {
      }
    };
    co_return response;
  };
  with_server(flood, [&](std::uint16_t port, Loop& loop) -> Task<> {
    Outbound outbound(loop.executor(), {});
    auto answer = co_await outbound.call({.url = url(port)});
    std::size_t got = (co_await (*answer)->read())->size();
    // Until the sender stands still, which is long before the end.
    for (std::size_t before = kPieces; before != sent;) {
      before = sent;
      co_await runtime::sleep_for(50ms);
    }
    EXPECT_LT(sent, kPieces / 2);
    for (;;) {
      const auto more = co_await (*answer)->read();
      if (!more || more->empty()) break;
      got += more->size();
    }
    EXPECT_EQ(got, kPieces * piece.size());
  });
}

TEST(Outbound, SaysWhatWentWrong) {
  Loop loop;
  run_task(loop, [](Loop& home) -> Task<> {
    Outbound outbound(home.executor(), {});
    EXPECT_EQ((co_await outbound.call({.url = "ftp://127.0.0.1/"})).error().code, "bad_url");
    tcp::acceptor acceptor(home.executor(), {asio::ip::make_address("127.0.0.1"), 0});
    const auto port = acceptor.local_endpoint().port();
    EXPECT_EQ((co_await outbound.call({.url = url(port), .head_limit = 50ms})).error().code, "no_answer");
    acceptor.close();
    EXPECT_EQ((co_await outbound.call({.url = url(port)})).error().code, "unreachable");
  }(loop));
}

// Answers one request with these bytes, then either closes or waits for the client to go.
Task<> answer_raw(tcp::acceptor& acceptor, std::string bytes, bool close) {
  auto [error, socket] = co_await acceptor.async_accept(use_tuple);
  std::string request;
  co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", use_tuple);
  co_await asio::async_write(socket, asio::buffer(bytes), use_tuple);
  if (!close) co_await socket.async_wait(tcp::socket::wait_read, use_tuple);
}

TEST(Outbound, TellsACutAndASilenceFromAnEnd) {
  Loop loop;
  run_task(loop, [](Loop& home) -> Task<> {
    Outbound outbound(home.executor(), {});
    runtime::TaskGroup tasks(home.executor());
    tcp::acceptor acceptor(home.executor(), {asio::ip::make_address("127.0.0.1"), 0});
    const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
    for (const bool closes : {true, false}) {
      tasks.spawn("server", answer_raw(acceptor, half, closes));
      auto answer = co_await outbound.call({.url = url(acceptor.local_endpoint().port()), .idle_limit = 50ms});
      EXPECT_TRUE(answer);
      if (answer) EXPECT_EQ(co_await read_all(**answer), closes ? "half[cut]" : "half[silent]");
    }
    co_await tasks.join();
  }(loop));
}

TEST(Outbound, AsksAProxyExceptForThisMachine) {
  Loop loop;
  run_task(loop, [](Loop& home) -> Task<> {
    tcp::acceptor proxy(home.executor(), {asio::ip::make_address("127.0.0.1"), 0});
    const std::string address = "http://127.0.0.1:" + std::to_string(proxy.local_endpoint().port());
    Outbound outbound(home.executor(), {"http_proxy=" + address});
    runtime::TaskGroup tasks(home.executor());
    tasks.spawn("proxy", answer_raw(proxy, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nvia", true));
    auto answer = co_await outbound.call({.url = "http://model.invalid/"});
    EXPECT_TRUE(answer);
    if (answer) EXPECT_EQ(co_await read_all(**answer), "via");
    tcp::acceptor closed(home.executor(), {asio::ip::make_address("127.0.0.1"), 0});
    const auto port = closed.local_endpoint().port();
    closed.close();
    EXPECT_EQ((co_await outbound.call({.url = url(port)})).error().code, "unreachable");
    co_await tasks.join();
  }(loop));
}

}  // namespace
}  // namespace omakase::net
