// A runner of the version before, byte for byte: what one built at protocol 1 was heard to say on its socket.
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "runner/runner_fixture.h"
#include "runtime/task_group.h"

namespace omakase::runner {
namespace {

namespace asio = runtime::asio;
using asio::local::stream_protocol;
using runtime::use_tuple;

constexpr const char* kRefusal = R"({"type":"error","code":"bad_hello","detail":"This runner speaks version 1."})"
                                 "\n";
constexpr const char* kGreetingAndSpool = R"({"type":"hello","protocol":1,"runId":"01RUN","offset":83,"state":"running"})"
                                          "\n"
                                          "note 30 1795647722443898\n"
                                          R"({"type":"started","pid":23367})"
                                          "\n"
                                          "out 3 1795647722444989\none\n";
constexpr const char* kAfterTheInput =
    "note 25 1795647723040047\n"
    R"({"type":"input","id":"a"})"
    "\n"
    "out 7 1795647723051420\ngot now\n"
    "note 36 1795647724056781\n"
    R"({"type":"exit","stderr":"","code":1})"
    "\n";

class PreviousRunner {
 public:
  PreviousRunner(runtime::Executor executor, const std::string& folder)
      : acceptor_(executor, stream_protocol::endpoint(folder + "/socket")) {}

  Task<> refuse_then_speak() {
    {
      auto first = co_await acceptor_.async_accept(asio::use_awaitable);
      heard_.push_back(co_await line(first));
      co_await asio::async_write(first, asio::buffer(std::string_view(kRefusal)), use_tuple);
    }
    auto second = co_await acceptor_.async_accept(asio::use_awaitable);
    heard_.push_back(co_await line(second));
    co_await asio::async_write(second, asio::buffer(std::string_view(kGreetingAndSpool)), use_tuple);
    heard_.push_back(co_await line(second));
    co_await asio::async_write(second, asio::buffer(std::string_view(kAfterTheInput)), use_tuple);
    heard_.push_back(co_await line(second));
  }

  const std::vector<std::string>& heard() const { return heard_; }

 private:
  static Task<std::string> line(stream_protocol::socket& socket) {
    std::string text;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(text), '\n', use_tuple);
    co_return text;
  }

  stream_protocol::acceptor acceptor_;
  std::vector<std::string> heard_;
};

TEST_F(RunnerTest, ARunnerOfTheVersionBeforeIsStillSpokenWith) {
  std::filesystem::create_directory(folder_);
  Loop loop;
  PreviousRunner runner(loop.executor(), folder_);
  Heard heard;
  run_task(loop, [](Loop& home, PreviousRunner& previous, std::string folder, Heard& into) -> Task<> {
    runtime::TaskGroup tasks(home.executor());
    tasks.spawn("runner", previous.refuse_then_speak());
    const auto link = co_await RunnerLink::connect(folder, 0);
    EXPECT_TRUE(link) << link.error().detail;
    if (link) {
      EXPECT_EQ((*link)->protocol(), kPreviousProtocol);
      co_await hear(**link, into, lines(1));
      EXPECT_TRUE((*link)->send(message::Input{"a", "now"}));
      co_await hear(**link, into, exited);
      EXPECT_TRUE((*link)->send(message::Bye{}));
    }
    co_await tasks.join();
  }(loop, runner, folder_, heard));
  EXPECT_THAT(heard.out, ElementsAre("one", "got now"));
  EXPECT_EQ(heard.all<note::InputWritten>().size(), 1u);
  ASSERT_TRUE(heard.exit());
  EXPECT_EQ(heard.exit()->status.code, 1);
  EXPECT_THAT(runner.heard(),
              ElementsAre("{\"type\":\"hello\",\"protocol\":2,\"from\":0}\n", "{\"type\":\"hello\",\"protocol\":1,\"from\":0}\n",
                          "{\"type\":\"input\",\"id\":\"a\",\"data\":\"now\"}\n", "{\"type\":\"bye\"}\n"));
}

}  // namespace
}  // namespace omakase::runner
