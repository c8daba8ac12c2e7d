#include "practice/model.h"

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "net/client.h"
#include "net/sse.h"
#include "practice/command.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"

namespace omakase::practice {
namespace {

using net::ClientResponse;
using net::Method;
using runtime::Loop;
using std::chrono_literals::operator""s;
using testing::HasSubstr;

// A client of a running model.
class Client {
 public:
  explicit Client(std::string address) : address_(std::move(address)) {}

  Task<ClientResponse> send(Method method, std::string path, std::string body = {}, std::vector<net::Header> headers = {}) {
    auto answer = co_await net::fetch({method, address_ + path, std::move(headers), std::move(body)}, 20s);
    EXPECT_TRUE(answer) << answer.error().detail;
    co_return answer ? *std::move(answer) : ClientResponse{};
  }

  static std::string question(const std::string& text, bool stream) {
    return json::serialize(json::object{
        {"model", "claude-x"}, {"stream", stream}, {"messages", json::array{json::object{{"role", "user"}, {"content", text}}}}});
  }
  Task<ClientResponse> ask(std::string text, bool stream = true) {
    return send(Method::kPost, "/v1/messages?beta=true", question(text, stream));
  }

  // What arrived of an answer whose connection broke.
  Task<std::string> ask_until_broken(std::string text) {
    std::string body;
    const auto answer = co_await net::fetch_stream(
        {Method::kPost, address_ + "/v1/messages", {}, question(text, true)},
        [&body](std::string_view data) {
          body += data;
          return true;
        },
        20s);
    EXPECT_FALSE(answer) << body;
    co_return body;
  }

  Task<json::array> requests(std::string query = {}) {
    const auto answer = co_await send(Method::kGet, "/practice/requests" + query);
    co_return json::parse(answer.body).as_array();
  }

  // Waits until the answer to the last request is in this state.
  Task<> until(std::string state) {
    for (bool reached = false; !reached;) {
      const auto all = co_await requests();
      reached = !all.empty() && all.back().at("state").as_string() == state;
    }
  }

  Task<int> release(std::string name) {
    co_return (co_await send(Method::kPost, "/practice/release", json::serialize(json::object{{"name", name}}))).status;
  }

 private:
  std::string address_;
};

using Script = Task<> (*)(Client&, PracticeModel&);

void with_model(Script script, const std::string& log_path = {}) {
  Loop loop;
  runtime::run_task(loop, [](Loop& home, Script inner, std::string path) -> Task<> {
    const base::SystemClock clock;
    PracticeModel model(home.executor(), clock, {.pace = milliseconds(0), .log_path = path});
    EXPECT_TRUE(model.listen("127.0.0.1", 0));
    model.serve();
    Client client("http://127.0.0.1:" + std::to_string(model.port()));
    co_await inner(client, model);
    model.stop();
    co_await model.join();
  }(loop, script, log_path));
}

// What a streamed answer says, and "!" with the type for an error event.
std::string said(std::string_view body) {
  std::string text;
  net::SseReader reader([&](const net::SseEvent& event) {
    const json::value data = json::parse(event.data);
    if (event.event == "content_block_delta") text += data.at("delta").at("text").as_string();
    if (event.event == "error") text += "!" + std::string(data.at("error").at("type").as_string());
  });
  EXPECT_TRUE(reader.feed(body));
  return text;
}

std::string error_type_of(const ClientResponse& answer) {
  return std::string(json::parse(answer.body).at("error").at("type").as_string());
}

// A question that is asked beside the test's own.
Task<> ask_into(Client& client, std::string text, bool stream, std::string& body) {
  body = (co_await client.ask(std::move(text), stream)).body;
}

TEST(PracticeModel, AnswersByTheScriptInThePersonsWordsStreamedOrWhole) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    EXPECT_EQ((co_await client.send(Method::kGet, "/")).status, 200);
    const auto streamed = co_await client.ask("!reply hello there");
    EXPECT_EQ(streamed.status, 200);
    EXPECT_THAT(std::string(streamed.header("content-type")), HasSubstr("text/event-stream"));
    EXPECT_EQ(said(streamed.body), "hello there");
    EXPECT_THAT(streamed.body, HasSubstr("event: message_stop\n"));
    const auto whole = co_await client.ask("!reply hello there", false);
    EXPECT_EQ(json::parse(whole.body).at("content").at(0).at("text"), "hello there");
  });
}

TEST(PracticeModel, CountsTokens) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    const auto counted = co_await client.send(Method::kPost, "/v1/messages/count_tokens?beta=true",
                                              Client::question(std::string(4000, 'a'), false));
    EXPECT_GT(json::parse(counted.body).at("input_tokens").to_number<int>(), 1000);
  });
}

TEST(PracticeModel, RefusesAsOftenAsItWasToldAndThenAnswers) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    const std::string text = "!status 529 x2\n!retry-after 3\n!reply at last";
    for (int i = 0; i < 2; ++i) {
      const auto refused = co_await client.ask(text);
      EXPECT_EQ(refused.status, 529);
      EXPECT_EQ(refused.header("retry-after"), "3");
      EXPECT_EQ(error_type_of(refused), "overloaded_error");
    }
    EXPECT_EQ(said((co_await client.ask(text)).body), "at last");
    EXPECT_EQ((co_await client.requests()).size(), 3u);
    EXPECT_EQ(error_type_of(co_await client.ask("!status 404")), "not_found_error");
    EXPECT_EQ(error_type_of(co_await client.ask("!status 418")), "invalid_request_error");
  });
}

TEST(PracticeModel, CutsTheConnectionOnceAndThenAnswersWhole) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    const std::string text = "!cut 2\n!words 5";
    const std::string body = co_await client.ask_until_broken(text);
    EXPECT_EQ(said(body), "w1 w2 ");
    EXPECT_EQ(body.find("message_stop"), std::string::npos);
    EXPECT_EQ(said((co_await client.ask(text)).body), "w1 w2 w3 w4 w5");
    const auto all = co_await client.requests();
    EXPECT_EQ(all.at(0).at("state"), "cut");
    EXPECT_EQ(all.at(1).at("state"), "answered");
  });
}

TEST(PracticeModel, FailsInTheMiddleOfAStreamAndAtTheStartWithoutOne) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    const std::string text = "!text a\n!error overloaded_error x2\n!text b";
    EXPECT_EQ(said((co_await client.ask(text)).body), "a!overloaded_error");
    const auto refused = co_await client.ask(text, false);
    EXPECT_EQ(refused.status, 529);
    EXPECT_EQ(said((co_await client.ask(text)).body), "a\n\nb");
    EXPECT_EQ((co_await client.requests()).at(0).at("state"), "failed");
  });
}

TEST(PracticeModel, HoldsAnAnswerUntilItIsReleased) {
  with_model([](Client& client, PracticeModel& model) -> Task<> {
    for (const bool stream : {true, false}) {
      for (const std::string how : {"!hold ", "!hold-start "}) {
        const std::string name = "door" + std::to_string(stream) + std::to_string(how.size());
        std::string body;
        runtime::TaskGroup group(co_await runtime::asio::this_coro::executor);
        group.spawn("held question", ask_into(client, how + name + "\n!reply through", stream, body));
        co_await client.until("held");
        EXPECT_EQ((co_await client.requests()).back().at("heldBy").as_string(), name);
        EXPECT_EQ(body, "");
        EXPECT_EQ(co_await client.release(name), 200);
        co_await group.join();
        EXPECT_THAT(body, HasSubstr("through"));
      }
    }
    EXPECT_THAT((co_await client.ask("!hold door16\n!reply open")).body, HasSubstr("open")) << "what was released stays open";
    EXPECT_GT(model.port(), 0);
  });
}

TEST(PracticeModel, NoticesThatNobodyWaitsForAHeldAnswerAnyMore) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    runtime::TaskGroup group(co_await runtime::asio::this_coro::executor);
    group.spawn("impatient question", [](Client& asker) -> Task<> { co_await asker.ask_until_broken("!hold never"); }(client));
    co_await client.until("held");
    group.cancel();
    co_await group.join();
    co_await client.until("gone");
  });
}

TEST(PracticeModel, EndsWhatHangsWhenItStops) {
  with_model([](Client& client, PracticeModel& model) -> Task<> {
    runtime::TaskGroup group(co_await runtime::asio::this_coro::executor);
    std::string body;
    group.spawn("hanging question", [](Client& asker, std::string& out) -> Task<> {
      out = co_await asker.ask_until_broken("!text a\n!hang\n!text b");
    }(client, body));
    co_await client.until("hanging");
    model.stop();
    co_await group.join();
    EXPECT_EQ(said(body), "a");
  });
}

TEST(PracticeModel, ShowsWhatItWasAsked) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    const std::string body = R"({"model":"claude-y","system":[{"type":"text","text":"be nori"}],"messages":[
      {"role":"user","content":"<system-reminder>remember the heliotrope</system-reminder>"},{"role":"user","content":"!reply x"}]})";
    co_await client.send(Method::kPost, "/v1/messages", body, {{"x-api-key", "secret"}, {"x-claude-code-session-id", "s1"}});
    co_await client.ask("!reply y");
    co_await client.send(Method::kPost, "/v1/messages", body, {{"authorization", "Bearer secret"}});
    const auto all = co_await client.requests("?full=1");
    EXPECT_EQ(all.size(), 3u);
    const json::object& first = all.at(0).as_object();
    EXPECT_EQ(first.at("n"), 1);
    EXPECT_EQ(first.at("model"), "claude-y");
    EXPECT_EQ(first.at("userText"), "!reply x");
    EXPECT_EQ(first.at("systemBytes"), 7);
    EXPECT_EQ(first.at("stream"), false);
    EXPECT_EQ(first.at("apiKeyPresent"), true);
    EXPECT_EQ(first.at("headers").at("x-claude-code-session-id"), "s1");
    EXPECT_EQ(first.at("bytes").to_number<std::size_t>(), body.size());
    EXPECT_FALSE(first.contains("body"));
    EXPECT_EQ(all.at(1).at("apiKeyPresent"), false);
    EXPECT_EQ(all.at(2).at("apiKeyPresent"), true);
    EXPECT_EQ(first.at("systemHash"), all.at(2).at("systemHash"));
    EXPECT_NE(first.at("systemHash"), all.at(1).at("systemHash"));
    EXPECT_EQ(all.at(2).at("body"), json::parse(body));
    EXPECT_EQ(json::serialize(all).find("secret"), std::string::npos);
    EXPECT_FALSE((co_await client.requests()).at(2).as_object().contains("body"));
  });
}

TEST(PracticeModel, KeepsTheLastThousandRequests) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    for (int i = 0; i < 1003; ++i) co_await client.ask("!status 500 x9999");
    const auto all = co_await client.requests();
    EXPECT_EQ(all.size(), 1000u);
    EXPECT_EQ(all.front().at("n"), 4);
    EXPECT_EQ(all.back().at("n"), 1003);
  });
}

TEST(PracticeModel, WritesEachRequestToTheLogFile) {
  std::string path = std::filesystem::temp_directory_path() / "omakase-practice-XXXXXX";
  close(mkstemp(path.data()));
  with_model(
      [](Client& client, PracticeModel&) -> Task<> {
        co_await client.ask("!reply one");
        co_await client.ask("!reply two");
      },
      path);
  std::ifstream file(path);
  std::string line;
  std::vector<std::string> asked;
  while (std::getline(file, line)) asked.emplace_back(json::parse(line).at("userText").as_string());
  EXPECT_THAT(asked, testing::ElementsAre("!reply one", "!reply two"));
  std::filesystem::remove(path);
}

TEST(PracticeModel, AnswersGivenWordsByAScriptUntilItIsForgotten) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    const auto set = [](Client& to, json::value script) {
      return to.send(Method::kPost, "/practice/script",
                     json::serialize(json::object{{"when", "failing test"}, {"script", std::move(script)}}));
    };
    EXPECT_EQ((co_await set(client, "!reply as scripted")).status, 204);
    EXPECT_EQ(said((co_await client.ask("fix the failing test")).body), "as scripted");
    EXPECT_THAT(said((co_await client.ask("something else")).body), HasSubstr("practice model"));
    EXPECT_EQ((co_await set(client, "!nonsense")).status, 400);
    EXPECT_EQ((co_await set(client, nullptr)).status, 204);
    EXPECT_THAT(said((co_await client.ask("fix the failing test")).body), HasSubstr("practice model"));
  });
}

TEST(PracticeModel, RefusesWhatIsNoRequest) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    for (const std::string body : {"", "{", "[]", "{\"model\":\"m\"}", "{\"model\":\"m\",\"messages\":\"\xff\"}"}) {
      const auto refused = co_await client.send(Method::kPost, "/v1/messages", body);
      EXPECT_EQ(refused.status, 400) << body;
      EXPECT_EQ(error_type_of(refused), "invalid_request_error");
    }
    EXPECT_EQ((co_await client.send(Method::kPost, "/v1/messages/count_tokens", "{")).status, 400);
    EXPECT_EQ((co_await client.send(Method::kPost, "/practice/release", "{}")).status, 400);
    EXPECT_EQ((co_await client.send(Method::kGet, "/v1/messages")).status, 404);
    EXPECT_EQ((co_await client.send(Method::kGet, "/nothing")).status, 404);
    EXPECT_EQ((co_await client.requests()).size(), 0u);
  });
}

TEST(PracticeModel, TakesLargeRequestsUpToItsBound) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    const std::string many(20 * 1024 * 1024, 'a');
    EXPECT_EQ(said((co_await client.ask(many + "\n!reply got it")).body), "got it");
    EXPECT_EQ((co_await client.send(Method::kPost, "/v1/messages", std::string(33 * 1024 * 1024, ' '))).status, 413);
  });
}

TEST(PracticeModel, DoesNotTalkToWebPages) {
  with_model([](Client& client, PracticeModel&) -> Task<> {
    EXPECT_EQ((co_await client.send(Method::kGet, "/practice/requests", {}, {{"origin", "http://evil.example"}})).status, 403);
    for (const std::string host : {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]:80", "localhost.evil:1"}) {
      EXPECT_EQ((co_await client.send(Method::kGet, "/practice/requests", {}, {{"host", host}})).status, 403) << host;
    }
    for (const std::string host : {"localhost", "localhost:80", "[::1]:80", "[::1]", "127.0.0.1"}) {
      EXPECT_EQ((co_await client.send(Method::kGet, "/practice/requests", {}, {{"host", host}})).status, 200) << host;
    }
  });
}

TEST(PracticeModel, ListensOnLoopbackOnly) {
  Loop loop;
  const base::SystemClock clock;
  PracticeModel model(loop.executor(), clock);
  for (const std::string address : {"0.0.0.0", "192.0.2.1", "::", "localhost"}) {
    const auto listening = model.listen(address, 0);
    ASSERT_FALSE(listening) << address;
    EXPECT_EQ(listening.error().code, "not_loopback");
  }
}

// Runs the command in a child of this process, and gives its pid and the end of a pipe where it prints.
std::pair<pid_t, int> start_command(std::vector<std::string> args) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    _exit(run_practice_model(args));
  }
  close(ends[1]);
  return {pid, ends[0]};
}

int exit_status_of(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(PracticeModelCommand, PrintsItsAddressServesAndEndsWellOnSigterm) {
  const auto [pid, out] = start_command({"--listen", "127.0.0.1:0", "--delay", "0"});
  std::string line;
  for (char c = 0; read(out, &c, 1) == 1 && c != '\n';) line += c;
  close(out);
  EXPECT_THAT(line, testing::MatchesRegex("http://127\\.0\\.0\\.1:[0-9]+"));
  Loop loop;
  runtime::run_task(loop, [](std::string address) -> Task<> {
    Client client(address);
    EXPECT_EQ(said((co_await client.ask("!reply from afar")).body), "from afar");
  }(line));
  kill(pid, SIGTERM);
  EXPECT_EQ(exit_status_of(pid), 0);
}

TEST(PracticeModelCommand, RefusesArgumentsThatItCannotFollow) {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{{"--nonsense"},
                                                                                    {"--listen"},
                                                                                    {"--listen", "127.0.0.1"},
                                                                                    {"--listen", "127.0.0.1:x"},
                                                                                    {"--listen", "0.0.0.0:0"},
                                                                                    {"--delay", "-1"}}) {
    const auto [pid, out] = start_command(args);
    close(out);
    EXPECT_EQ(exit_status_of(pid), 2) << args.front();
  }
}

}  // namespace
}  // namespace omakase::practice
