#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "net/client.h"
#include "net/router.h"
#include "net/server.h"
#include "net/sse.h"
#include "runtime/loop.h"

namespace omakase::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using runtime::Loop;
using runtime::run_task;
using runtime::use_tuple;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

Task<Response> echo(Request& request) {
  if (request.path == "/throws") throw std::runtime_error("expected by this test");
  if (request.path == "/chunks") {
    Response response;
    response.producer = [](BodyWriter& writer) -> Task<> {
      co_await writer.write("one ");
      co_await writer.write("two");
    };
    co_return response;
  }
  co_return json_response(200, std::string(text(request.method)) + " " + request.target + " " + request.body);
}

// Runs `script` against a server that answers with echo().
template <typename Script>
void with_server(Script script, Handler handler = echo, ServerOptions options = {.max_body_bytes = 1000}) {
  Loop loop;
  run_task(loop, [](Loop& home, Handler answer, Script inner, ServerOptions limits) -> Task<> {
    Server server(home.executor(), std::move(answer), std::move(limits));
    EXPECT_TRUE(server.listen("127.0.0.1", 0));
    server.serve();
    co_await inner(server.port());
    server.stop();
    co_await server.join();
  }(loop, std::move(handler), std::move(script), std::move(options)));
}

// What the server says to raw bytes until it closes.
Task<std::string> say(std::uint16_t port, std::string bytes) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect({asio::ip::make_address("127.0.0.1"), port}, asio::use_awaitable);
  co_await asio::async_write(socket, asio::buffer(bytes), use_tuple);
  std::string answer;
  co_await asio::async_read(socket, asio::dynamic_buffer(answer), use_tuple);
  co_return answer;
}

TEST(Server, AnswersSeveralRequestsOnOneConnection) {
  with_server([](std::uint16_t port) -> Task<> {
    const std::string answer = co_await say(port,
                                            "GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n"
                                            "POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
                                            "HEAD /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find("GET /a?b=1 "), std::string::npos);
    EXPECT_NE(answer.find("POST /c body"), std::string::npos);
    EXPECT_EQ(answer.find("HEAD /d"), std::string::npos) << "HEAD has no body";
    EXPECT_NE(answer.find("X-Request-Id: "), std::string::npos);
  });
}

TEST(Server, RefusesWhatIsNotHttpAndSaysOnlyOneResponse) {
  for (const std::string& bytes : std::vector<std::string>{
           "nonsense\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
           "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
       }) {
    with_server([&](std::uint16_t port) -> Task<> {
      const std::string answer = co_await say(port, bytes);
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << bytes << "\n" << answer;
      EXPECT_EQ(answer.find("HTTP/1.1 ", 8), std::string::npos) << bytes << "\n" << answer;
      EXPECT_NE(answer.find("malformed_http"), std::string::npos) << answer;
    });
  }
}

TEST(Server, BoundsHeadsFieldsAndBodies) {
  with_server([](std::uint16_t port) -> Task<> {
    EXPECT_TRUE(
        (co_await say(port, "GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n")).starts_with("HTTP/1.1 431 "));
    std::string fields = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 101; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
    EXPECT_NE((co_await say(port, fields + "\r\n")).find("too_many_headers"), std::string::npos);
    const std::string large =
        co_await say(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'b'));
    EXPECT_TRUE(large.starts_with("HTTP/1.1 413 ")) << large;
    EXPECT_NE(large.find("body_too_large"), std::string::npos);
  });
}

TEST(Server, TellsASlowClientSoAndCloses) {
  with_server(
      [](std::uint16_t port) -> Task<> {
        for (const char* half : {"GET / HTT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"}) {
          const std::string answer = co_await say(port, half);
          EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << half << "\n" << answer;
          EXPECT_NE(answer.find("too_slow"), std::string::npos) << answer;
        }
        EXPECT_EQ(co_await say(port, ""), "") << "who has asked nothing gets no answer";
      },
      echo, {.head_limit = 50ms, .body_limit = 50ms});
}

TEST(Server, TimeLimitsOfManyConnectionsPassOneByOne) {
  with_server(
      [](std::uint16_t port) -> Task<> {
        std::vector<tcp::socket> idle;
        for (int i = 0; i < 50; ++i) {
          idle.emplace_back(co_await asio::this_coro::executor);
          co_await idle.back().async_connect({asio::ip::make_address("127.0.0.1"), port}, asio::use_awaitable);
        }
        const std::string kept =
            co_await say(port, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        EXPECT_TRUE(kept.ends_with("GET /b ")) << kept;
        for (tcp::socket& socket : idle) {
          char byte = 0;
          auto [ec, n] = co_await socket.async_read_some(asio::buffer(&byte, 1), use_tuple);
          EXPECT_EQ(ec, asio::error::eof);
        }
      },
      echo, {.head_limit = 50ms});
}

TEST(Server, AnExceptionIsAnInternalErrorWithoutItsText) {
  with_server([](std::uint16_t port) -> Task<> {
    const auto answer = co_await fetch({.url = "http://127.0.0.1:" + std::to_string(port) + "/throws"}, 5s);
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->header("content-type"), "application/problem+json");
    EXPECT_EQ(answer->body.find("expected"), std::string::npos);
  });
}

TEST(Server, MayRefuseARequestByItsHeadAlone) {
  const auto refuse = [](const Request& head) -> std::optional<Response> {
    return head.header("X-Token") == "right" ? std::nullopt : std::optional(empty_response(403));
  };
  with_server(
      [](std::uint16_t port) -> Task<> {
        // The body never comes.
        const std::string refused = co_await say(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n");
        EXPECT_TRUE(refused.starts_with("HTTP/1.1 403 ")) << refused;
        const std::string taken = co_await say(port, "GET /a HTTP/1.1\r\nHost: x\r\nX-Token: right\r\nConnection: close\r\n\r\n");
        EXPECT_TRUE(taken.ends_with("GET /a ")) << taken;
      },
      echo, {.refuse = refuse});
}

TEST(Server, EndsTheWorkForAClientThatHangsUp) {
  for (const bool streaming : {false, true}) {
    bool cancelled = false;
    const auto wait = [&]() -> Task<> {
      struct Leave {
        bool& left;
        ~Leave() { left = true; }
      } leave{cancelled};
      co_await runtime::sleep_for(60s);
    };
    const auto handler = [&](Request&) -> Task<Response> {
      Response response;
      if (!streaming) co_await wait();
      response.producer = [&](BodyWriter&) -> Task<> { co_await wait(); };
      co_return response;
    };
    with_server(
        [&](std::uint16_t port) -> Task<> {
          tcp::socket socket(co_await asio::this_coro::executor);
          co_await socket.async_connect({asio::ip::make_address("127.0.0.1"), port}, asio::use_awaitable);
          co_await asio::async_write(socket, asio::buffer(std::string_view("GET / HTTP/1.1\r\nHost: x\r\n\r\n")), use_tuple);
          if (streaming) co_await socket.async_wait(tcp::socket::wait_read, use_tuple);
          socket.close();
          while (!cancelled) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        },
        handler, {.end_with_client = true});
    EXPECT_TRUE(cancelled);
  }
}

TEST(Client, ReadsWholeAndChunkedAnswers) {
  with_server([](std::uint16_t port) -> Task<> {
    const std::string base = "http://127.0.0.1:" + std::to_string(port);
    const auto posted = co_await fetch({.method = Method::kPost, .url = base + "/x", .headers = {}, .body = "{}"}, 5s);
    EXPECT_EQ(posted->body, "POST /x {}");
    std::string streamed;
    const auto chunks =
        co_await fetch_stream({.url = base + "/chunks"}, [&](std::string_view data) { return streamed += data, true; }, 5s);
    EXPECT_EQ(chunks->status, 200);
    EXPECT_EQ(streamed, "one two");
    EXPECT_EQ((co_await fetch({.url = "http://127.0.0.1:1/"}, 5s)).error().code, "connect_failed");
    EXPECT_EQ((co_await fetch({.url = "ftp://x/"}, 5s)).error().code, "bad_url");
  });
}

TEST(Server, HandsASocketOverAfterItsHeader) {
  int handed = -1;
  with_server(
      [&](std::uint16_t port) -> Task<> {
        std::string seen;
        co_await fetch_stream(
            {.url = "http://127.0.0.1:" + std::to_string(port) + "/"}, [&](std::string_view data) { return seen += data, true; },
            5s);
        EXPECT_EQ(seen, "streamed");
      },
      [&](Request&) -> Task<Response> {
        Response response;
        response.take_over = [&](StreamSocket socket) {
          handed = socket.fd;
          EXPECT_EQ(write(socket.fd, "streamed", 8), 8);
          close(socket.fd);
        };
        co_return response;
      });
  EXPECT_GE(handed, 0);
}

TEST(Router, MatchesParametersAndNamesAllowedMethods) {
  Router<int> router;
  router.add(Method::kGet, "/api/runs/:id", 1);
  router.add(Method::kPost, "/api/runs/:id/messages", 2);
  auto match = router.find(Method::kGet, "/api/runs/a%20b");
  ASSERT_NE(match.action, nullptr);
  EXPECT_EQ(match.parameters["id"], "a b");
  EXPECT_EQ(router.find(Method::kGet, "/api/runs/x/messages").allowed, std::vector{Method::kPost});
  for (const char* path :
       {"/api/runs", "/api/runs/", "/api/runs/a%2Fb", "/api/runs/a%00", "/api/runs/%zz", "/api/runs/a/", "", "api/runs/a"}) {
    EXPECT_EQ(router.find(Method::kGet, path).action, nullptr) << path;
  }
}

TEST(Sse, WhatIsWrittenIsReadBackInAnyChunks) {
  std::string text;
  append_preamble(text, 1000);
  append_event(text, "", R"({"a":1})", "2026");
  append_event(text, "ping", "{}");
  for (std::size_t step = 1; step < 9; ++step) {
    std::vector<SseEvent> events;
    SseReader reader([&](const SseEvent& event) { events.push_back(event); });
    for (std::size_t at = 0; at < text.size(); at += step) EXPECT_TRUE(reader.feed(std::string_view(text).substr(at, step)));
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[0].event, "message");
    EXPECT_EQ(events[0].id, "2026");
    EXPECT_EQ(events[1].event, "ping");
    EXPECT_EQ(events[1].id, "2026") << "an event without an id keeps the cursor";
    EXPECT_EQ(reader.retry_ms(), 1000);
  }
}

TEST(Sse, ReadsEveryKindOfLineEnd) {
  std::vector<std::string> data;
  SseReader reader([&](const SseEvent& event) { data.push_back(event.data); });
  reader.feed("data: a\r\ndata: b\r\n\r\ndata:c\r\rdata: d\n\n: comment\n\ndata: half");
  EXPECT_EQ(data, (std::vector<std::string>{"a\nb", "c", "d"}));
}

}  // namespace
}  // namespace omakase::net
