// The relay between a client, as an agent would be, and a model server of the test's own.
#include "runner/relay.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "net/client.h"
#include "runner/usage_meter.h"
#include "runtime/loop.h"

namespace omakase::runner {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using net::Method;
using net::Request;
using net::Response;
using runtime::Task;
using runtime::use_tuple;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "sk-the-real-key-0123456789";
constexpr const char* kStart =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-x\",\"usage\":{\"input_tokens\":100,"
    "\"cache_creation_input_tokens\":20,\"cache_read_input_tokens\":40,\"output_tokens\":1}}}\n\n";
constexpr const char* kDelta = "event: content_block_delta\ndata: {\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n";
constexpr const char* kEnd =
    "event: message_delta\ndata: "
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":"
    "7}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

Response events(std::function<Task<>(net::BodyWriter&)> producer) {
  Response response;
  response.content_type = "text/event-stream; charset=utf-8";
  response.producer = std::move(producer);
  return response;
}

class RelayTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/omakase-relay-XXXXXX";
    root_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  struct Bench {
    runtime::Loop& loop;
    Relay& relay;
    std::string url;
    std::string token;

    // As the agent asks.
    Task<base::Result<net::ClientResponse>> ask(std::string body = R"({"model":"claude-x","stream":true})",
                                                std::string path = "/v1/messages?beta=true") {
      return net::fetch({.method = Method::kPost,
                         .url = url + path,
                         .headers = {{"x-api-key", token}, {"anthropic-version", "2023-06-01"}, {"Cookie", "c=1"}},
                         .body = std::move(body)},
                        10s);
    }
    Task<base::Result<net::ClientResponse>> get(Method method, std::string path, std::vector<net::Header> headers = {}) {
      return net::fetch({.method = method, .url = url + path, .headers = std::move(headers)}, 10s);
    }
  };

  // Runs `script` beside a relay to a model server that answers with `model`; then looks at what was noted.
  template <typename Script>
  void with_relay(net::Handler model, Script script) {
    runtime::Loop loop;
    const auto folder = RunnerFolder::open(root_).value();
    Spool spool = Spool::create(folder, loop.executor(), clock_).value();
    runtime::run_task(loop, [](RelayTest& self, runtime::Loop& home, Spool& noted, net::Handler answers, Script inner) -> Task<> {
      net::Server server(home.executor(), std::move(answers));
      EXPECT_TRUE(server.listen("127.0.0.1", 0));
      server.serve();
      self.upstream_.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/prefix/";
      {
        Relay relay(home.executor(), self.clock_, self.spec_, self.upstream_, self.hidden_, noted);
        EXPECT_TRUE(relay.listen());
        relay.serve();
        const auto environment = relay.environment(relay.port());
        co_await inner(Bench{home, relay, std::string(process::environment_value(environment, "BASE_URL")),
                             std::string(process::environment_value(environment, "TOKEN"))});
        relay.stop();
        co_await relay.join();
      }
      server.stop();
      co_await server.join();
    }(*this, loop, spool, std::move(model), std::move(script)));
    read_notes(spool);
  }

  void read_notes(const Spool& spool) {
    std::string bytes(spool.end(), '\0');
    EXPECT_TRUE(spool.read(0, bytes));
    EXPECT_THAT(bytes, Not(HasSubstr(kKey)));
    RecordDecoder decoder(0);
    decoder.push(bytes);
    for (auto record = decoder.next(); record && *record; record = decoder.next()) {
      const auto note = decode_note((*record)->payload);
      if (const auto* call = std::get_if<note::ModelCall>(&*note)) calls_.push_back(*call);
      if (const auto* started = std::get_if<note::ModelCallStarted>(&*note)) started_.push_back(started->id);
    }
  }

  std::string root_;
  base::SystemClock clock_;
  RelaySpec spec_{.url_variable = "BASE_URL", .token_variable = "TOKEN", .head = 10'000ms, .idle = 10'000ms};
  ModelUpstream upstream_{.credentials = {{"x-api-key", kKey}}};
  Scrubber hidden_{{{"DATABASE_URL", "postgres://very-secret"}}};
  std::vector<note::ModelCall> calls_;
  std::vector<std::string> started_;
};

TEST_F(RelayTest, PassesACallOnWithTheRealKeyAndCountsItsTokens) {
  const auto model = [&](Request& request) -> Task<Response> {
    EXPECT_EQ(request.target, "/prefix/v1/messages?beta=true");
    EXPECT_EQ(request.header("x-api-key"), kKey);
    EXPECT_EQ(request.header("anthropic-version"), "2023-06-01");
    EXPECT_EQ(request.header("cookie"), "") << "what the model does not need stays here";
    EXPECT_EQ(request.header("accept-encoding"), "identity");
    EXPECT_EQ(request.body, R"({"model":"claude-x","stream":true})");
    co_return events([](net::BodyWriter& writer) -> Task<> {
      for (const char* event : {kStart, kDelta, kEnd}) co_await writer.write(event);
    }).with("Request-Id", "req_1");
  };
  with_relay(model, [](Bench bench) -> Task<> {
    const auto answer = co_await bench.ask();
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("content-type"), "text/event-stream; charset=utf-8");
    EXPECT_EQ(answer->header("request-id"), "req_1");
    EXPECT_EQ(answer->body, std::string(kStart) + kDelta + kEnd);
  });
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_THAT(started_, testing::ElementsAre(calls_[0].id));
  EXPECT_EQ(calls_[0].model, "claude-x");
  EXPECT_EQ(calls_[0].status, 200);
  EXPECT_EQ(calls_[0].input_tokens, 100);
  EXPECT_EQ(calls_[0].cache_write_tokens, 20);
  EXPECT_EQ(calls_[0].cache_read_tokens, 40);
  EXPECT_EQ(calls_[0].output_tokens, 7);
  EXPECT_EQ(calls_[0].error, "");
  EXPECT_LE(calls_[0].started_micros, calls_[0].ended_micros);
}

TEST_F(RelayTest, GivesEachPieceOfAStreamAtOnce) {
  std::unique_ptr<runtime::Signal> seen;
  const auto model = [&](Request&) -> Task<Response> {
    co_return events([&](net::BodyWriter& writer) -> Task<> {
      co_await writer.write(kStart);
      co_await seen->wait();
      co_await writer.write(kEnd);
    });
  };
  with_relay(model, [&](Bench bench) -> Task<> {
    seen = std::make_unique<runtime::Signal>(bench.loop.executor());
    std::string got;
    co_await net::fetch_stream(
        {.method = Method::kPost, .url = bench.url + "/v1/messages", .headers = {{"x-api-key", bench.token}}},
        [&](std::string_view data) {
          got += data;
          if (got == kStart) seen->notify();
          return true;
        },
        10s);
    EXPECT_EQ(got, std::string(kStart) + kEnd);
  });
}

TEST_F(RelayTest, AnswersThatAreNoStreamAreCountedToo) {
  const auto model = [](Request&) -> Task<Response> {
    co_return net::json_response(200, R"({"model":"claude-y","usage":{"input_tokens":3,"output_tokens":4}})");
  };
  with_relay(model, [](Bench bench) -> Task<> { EXPECT_EQ((co_await bench.ask())->status, 200); });
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].model, "claude-y");
  EXPECT_EQ(calls_[0].input_tokens, 3);
  EXPECT_EQ(calls_[0].output_tokens, 4);
}

TEST_F(RelayTest, CountingTokensIsPassedOnAndIsNoCall) {
  const auto model = [](Request& request) -> Task<Response> {
    co_return net::json_response(request.path == "/prefix/v1/messages/count_tokens" ? 200 : 500, R"({"input_tokens":3})");
  };
  with_relay(model, [](Bench bench) -> Task<> {
    EXPECT_EQ((co_await bench.ask("{}", "/v1/messages/count_tokens?beta=true"))->status, 200);
  });
  EXPECT_TRUE(calls_.empty());
}

TEST_F(RelayTest, WithoutItsTokenOrOnAnotherRouteNothingGetsThrough) {
  int asked = 0;
  const auto model = [&](Request&) -> Task<Response> {
    ++asked;
    co_return net::json_response(200, "{}");
  };
  with_relay(model, [](Bench bench) -> Task<> {
    const net::Header right{"Authorization", "Bearer " + bench.token};
    EXPECT_EQ((co_await bench.get(Method::kHead, "/"))->status, 200);
    EXPECT_EQ((co_await bench.get(Method::kPost, "/v1/messages"))->status, 401);
    EXPECT_EQ((co_await bench.get(Method::kPost, "/v1/messages", {{"x-api-key", "guess"}}))->status, 401);
    EXPECT_EQ((co_await bench.get(Method::kPost, "/v1/messages", {{"Authorization", "Basic " + bench.token}}))->status, 401);
    EXPECT_EQ((co_await bench.get(Method::kGet, "/v1/messages", {right}))->status, 403);
    for (const char* path : {"/", "/v1/models", "/v1/files", "/v1/messages/../models", "/v1/messages/", "//v1/messages",
                             "/v1/organizations/usage", "/V1/messages", "/v1/messages%2f..%2fmodels"}) {
      const auto refused = co_await bench.get(Method::kPost, path, {right});
      EXPECT_EQ(refused->status, 404) << path;
      EXPECT_THAT(refused->body, HasSubstr("not_found_error"));
    }
  });
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(RelayTest, ARequestThatIsTooLargeIsRefusedBeforeItsBody) {
  with_relay([](Request&) -> Task<Response> { co_return net::json_response(200, "{}"); },
             [](Bench bench) -> Task<> {
               tcp::socket socket(co_await asio::this_coro::executor);
               co_await socket.async_connect({asio::ip::make_address("127.0.0.1"), bench.relay.port()}, asio::use_awaitable);
               const std::string head = "POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: " + bench.token +
                                        "\r\nContent-Length: " + std::to_string(Relay::kMaxRequest + 1) + "\r\n\r\n";
               co_await asio::async_write(socket, asio::buffer(head), use_tuple);
               std::string answer;
               co_await asio::async_read(socket, asio::dynamic_buffer(answer), use_tuple);
               EXPECT_THAT(answer, HasSubstr("HTTP/1.1 413 "));
               EXPECT_THAT(answer, HasSubstr("request_too_large"));
             });
}

TEST_F(RelayTest, ErrorsOfTheModelComeBackWithoutTheKey) {
  const auto model = [](Request& request) -> Task<Response> {
    co_return net::json_response(
        401, R"({"type":"error","error":{"message":"bad key )" + std::string(request.header("x-api-key")) + R"("}})")
        .with("Retry-After", "3")
        .with("X-Echo", kKey)
        .with("Anthropic-Echo", kKey);
  };
  with_relay(model, [](Bench bench) -> Task<> {
    const auto answer = co_await bench.ask();
    EXPECT_EQ(answer->status, 401);
    EXPECT_EQ(answer->header("retry-after"), "3");
    EXPECT_EQ(answer->header("x-echo"), "");
    EXPECT_EQ(answer->header("anthropic-echo"), "[hidden: key]");
    EXPECT_THAT(answer->body, HasSubstr("bad key [hidden: key]"));
  });
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].status, 401);
  EXPECT_THAT(calls_[0].error, Not(HasSubstr(kKey)));
}

TEST_F(RelayTest, AKeyThatComesBackInPiecesOfAStreamIsHiddenToo) {
  upstream_.credentials = {{"authorization", std::string("Bearer ") + kKey}};
  const auto model = [](Request& request) -> Task<Response> {
    EXPECT_EQ(request.header("authorization"), std::string("Bearer ") + kKey);
    EXPECT_EQ(request.header("x-api-key"), "");
    co_return events([](net::BodyWriter& writer) -> Task<> {
      const std::string_view key = kKey;
      co_await writer.write("data: " + std::string(key.substr(0, 7)));
      co_await writer.write(std::string(key.substr(7)) + "!\n\n");
    });
  };
  with_relay(model, [](Bench bench) -> Task<> { EXPECT_EQ((co_await bench.ask())->body, "data: [hidden: key]!\n\n"); });
}

TEST_F(RelayTest, TheModelDoesNotSeeTheProjectsSecrets) {
  const auto model = [](Request& request) -> Task<Response> {
    EXPECT_EQ(request.body, R"({"text":"it is [hidden: DATABASE_URL]"})");
    co_return net::json_response(200, "{}");
  };
  with_relay(model, [](Bench bench) -> Task<> { co_await bench.ask(R"({"text":"it is postgres://very-secret"})"); });
}

TEST_F(RelayTest, AModelThatDoesNotBeginIsGivenUp) {
  spec_.head = 50ms;
  const auto model = [](Request&) -> Task<Response> {
    co_await runtime::sleep_for(60s);
    co_return net::json_response(200, "{}");
  };
  with_relay(model, [](Bench bench) -> Task<> {
    const auto answer = co_await bench.ask();
    EXPECT_EQ(answer->status, 504);
    EXPECT_THAT(answer->body, HasSubstr("did not begin to answer within 1 s"));
  });
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].status, 0);
  EXPECT_EQ(calls_[0].model, "claude-x");
  EXPECT_THAT(calls_[0].error, HasSubstr("did not begin to answer"));
}

TEST_F(RelayTest, AModelThatFallsSilentIsGivenUpAndWhatItCostIsKnown) {
  spec_.idle = 50ms;
  const auto model = [](Request&) -> Task<Response> {
    co_return events([](net::BodyWriter& writer) -> Task<> {
      co_await writer.write(kStart);
      co_await runtime::sleep_for(60s);
    });
  };
  with_relay(model, [](Bench bench) -> Task<> {
    const auto answer = co_await bench.ask();
    EXPECT_THAT(answer->body, HasSubstr(std::string(kStart) + "event: error\n"));
    EXPECT_THAT(answer->body, HasSubstr("fell silent"));
  });
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].input_tokens, 100);
  EXPECT_THAT(calls_[0].error, HasSubstr("fell silent"));
}

TEST_F(RelayTest, AStreamThatIsCutInAnEventIsCutForTheAgentToo) {
  const auto model = [](Request&) -> Task<Response> {
    co_return events([](net::BodyWriter& writer) -> Task<> {
      co_await writer.write(std::string(kStart) + "event: content_bl");
      // Not at once: what was written is to arrive before the reset.
      co_await runtime::sleep_for(20ms);
      writer.abort();
    });
  };
  with_relay(model, [](Bench bench) -> Task<> { EXPECT_FALSE(co_await bench.ask()); });
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].error, "The model's answer was cut off.");
}

TEST_F(RelayTest, AModelThatCannotBeReachedIsSaid) {
  with_relay([](Request&) -> Task<Response> { co_return net::json_response(200, "{}"); },
             [&](Bench bench) -> Task<> {
               ModelUpstream nowhere{.url = "http://127.0.0.1:1", .credentials = {{"x-api-key", kKey}}};
               const auto folder = RunnerFolder::open(root_).value();
               std::filesystem::remove(root_ + "/spool");
               Spool spool = Spool::create(folder, bench.loop.executor(), clock_).value();
               Relay relay(bench.loop.executor(), clock_, spec_, nowhere, hidden_, spool);
               EXPECT_TRUE(relay.listen());
               relay.serve();
               const auto environment = relay.environment(relay.port());
               bench.url = process::environment_value(environment, "BASE_URL");
               bench.token = process::environment_value(environment, "TOKEN");
               const auto answer = co_await bench.ask();
               EXPECT_EQ(answer->status, 502);
               EXPECT_THAT(answer->body, HasSubstr("cannot be reached"));
               relay.stop();
               co_await relay.join();
             });
}

TEST_F(RelayTest, AnAgentThatHangsUpEndsItsCallAtTheModel) {
  bool model_left = false;
  const auto model = [&](Request&) -> Task<Response> {
    co_return events([&](net::BodyWriter& writer) -> Task<> {
      co_await writer.write(kStart);
      while (co_await writer.write(": still here\n\n")) co_await runtime::sleep_for(1ms);
      model_left = true;
    });
  };
  with_relay(model, [&](Bench bench) -> Task<> {
    co_await net::fetch_stream(
        {.method = Method::kPost, .url = bench.url + "/v1/messages", .headers = {{"x-api-key", bench.token}}},
        [](std::string_view) { return false; }, 10s);
    while (!model_left) co_await asio::post(bench.loop.executor(), asio::use_awaitable);
  });
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].input_tokens, 100);
  EXPECT_EQ(calls_[0].error, "The agent hung up.");
}

TEST_F(RelayTest, ItsEndEndsTheCallsAndNotesThem) {
  const auto model = [](Request&) -> Task<Response> {
    co_await runtime::sleep_for(60s);
    co_return net::json_response(200, "{}");
  };
  with_relay(model, [](Bench bench) -> Task<> {
    runtime::TaskGroup asking(bench.loop.executor());
    asking.spawn("ask", [](Bench inner) -> Task<> { co_await inner.ask(); }(bench));
    co_await runtime::sleep_for(20ms);
    bench.relay.stop();
    co_await bench.relay.join();
    co_await asking.join();
  });
  EXPECT_EQ(started_.size(), calls_.size());
}

TEST(RequestedModel, IsReadFromTheBeginningOfARequest) {
  EXPECT_EQ(requested_model(R"({"model":"claude-opus-4-8","max_tokens":1})"), "claude-opus-4-8");
  EXPECT_EQ(requested_model("{}"), "");
  EXPECT_EQ(requested_model(std::string(100'000, ' ') + R"("model":"late")"), "");
}

}  // namespace
}  // namespace omakase::runner
