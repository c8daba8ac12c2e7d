// Sandboxes with everything that belongs to them, tried from inside by small scripts. Where this machine cannot make one, the
// tests that need it say so and are skipped.
#include "process/confined.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/own_network.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"

namespace omakase::process {
namespace {

namespace asio = runtime::asio;
using asio::ip::tcp;
using base::Result;
using runtime::Loop;
using runtime::Task;
using testing::HasSubstr;

const Environment kEnvironment{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"};

struct Said {
  std::string out;
  std::string err;
  ExitStatus status;
};

Task<std::string> read_all(Child::Stream& stream) {
  std::string text;
  co_await asio::async_read(stream, asio::dynamic_buffer(text), runtime::use_tuple);
  co_return text;
}

class ConfinedTest : public testing::TestWithParam<Network> {
 protected:
  void SetUp() override {
    Loop loop;
    const auto available = runtime::run_task(loop, network_available(GetParam(), kEnvironment));
    if (!available) GTEST_SKIP() << available.error().detail;
  }

  // What a script in bash says in there, with `beside` running meanwhile.
  Said run(std::string script, std::function<Task<>(Confined&)> beside = {}) {
    Loop loop;
    Said said;
    runtime::run_task(loop, [](Loop& home, std::string text, std::function<Task<>(Confined&)> also, Said& into) -> Task<> {
      const std::vector<std::string> argv{"bash", "-c", std::move(text)};
      Command command{.argv = sandboxed({.network = GetParam()}, argv), .environment = kEnvironment, .folder = "/"};
      auto confined = co_await start_confined(std::move(command), GetParam());
      EXPECT_TRUE(confined) << confined.error().detail;
      if (!confined) co_return;
      runtime::TaskGroup tasks(home.executor());
      if (also) tasks.spawn("beside", also(*confined));
      into.out = co_await read_all(confined->child->output());
      into.err = co_await read_all(confined->child->error());
      into.status = (co_await confined->child->wait()).value();
      tasks.cancel();
      co_await tasks.join();
    }(loop, std::move(script), std::move(beside), said));
    return said;
  }
};

INSTANTIATE_TEST_SUITE_P(EachNetwork, ConfinedTest, testing::Values(Network::kOpen, Network::kModel, Network::kInternet),
                         [](const auto& given) { return std::string(word(given.param)); });

TEST_P(ConfinedTest, RunsAProgramAndTellsItsEnd) {
  const Said said = run("echo in; echo trouble >&2; exit 3");
  EXPECT_EQ(said.out, "in\n");
  EXPECT_EQ(said.err, "trouble\n");
  EXPECT_EQ(said.status.code, 3);
}

TEST_P(ConfinedTest, ASocketFromOutsideListensOnItsLoopback) {
  if (GetParam() == Network::kOpen) GTEST_SKIP() << "in an open network the machine's own loopback is there";
  const Said said = run("exec 3<>/dev/tcp/127.0.0.1/7080; cat <&3", [](Confined& confined) -> Task<> {
    tcp::acceptor acceptor(co_await asio::this_coro::executor);
    acceptor.assign(tcp::v4(), confined.listener.release());
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(std::string_view("served from outside")), runtime::use_tuple);
  });
  EXPECT_EQ(said.out, "served from outside");
}

TEST_P(ConfinedTest, ReachesThisMachineOnlyWhereTheNetworkIsOpen) {
  for (const char* address : {"127.0.0.1", "10.0.2.2", "169.254.169.254"}) {
    Loop loop;
    tcp::acceptor service(loop.executor(), {asio::ip::make_address("0.0.0.0"), 0});
    const std::string port = std::to_string(service.local_endpoint().port());
    const Said said = run("timeout 5 bash -c 'exec 3<>/dev/tcp/" + std::string(address) + "/" + port + "' && echo reached");
    const bool expected = GetParam() == Network::kOpen && std::string_view(address) == "127.0.0.1";
    if (GetParam() != Network::kOpen || expected) EXPECT_EQ(said.out, expected ? "reached\n" : "") << address;
  }
}

TEST_P(ConfinedTest, ItsOtherAddressesAreThisMachineToo) {
  if (GetParam() == Network::kOpen) GTEST_SKIP() << "in an open network they are there";
  Loop loop;
  tcp::acceptor service(loop.executor(), {asio::ip::make_address("0.0.0.0"), 0});
  const std::string port = std::to_string(service.local_endpoint().port());
  for (const in_addr& one : Uplink::plan().this_machine) {
    const std::string address = asio::ip::address_v4(ntohl(one.s_addr)).to_string();
    std::string reach = "timeout 5 bash -c 'exec 3<>/dev/tcp/";
    reach.append(address).append("/").append(port).append("' && echo reached");
    const Said said = run(reach);
    EXPECT_EQ(said.out, "") << address;
  }
}

TEST_P(ConfinedTest, NobodyInsideCanChangeItsNetwork) {
  if (GetParam() == Network::kOpen) GTEST_SKIP() << "it is the machine's";
  const Said said = run("cat /proc/net/route | wc -l; ip route del unreachable 169.254.0.0/16 2>&1; ip link set lo down 2>&1");
  EXPECT_THAT(said.out, testing::AnyOf(HasSubstr("not permitted"), HasSubstr("not found")));
}

TEST_P(ConfinedTest, TheWorldHasNamesOnlyWhereItCanBeReached) {
  const Said said = run("cat /etc/resolv.conf; cat /proc/net/dev");
  if (GetParam() == Network::kInternet) {
    EXPECT_THAT(said.out, HasSubstr("nameserver " + Uplink::plan().resolver));
    EXPECT_THAT(said.out, HasSubstr("tap0:"));
  }
  if (GetParam() == Network::kModel) EXPECT_THAT(said.out, testing::Not(HasSubstr("tap0:")));
}

TEST_P(ConfinedTest, RefusesTheSystemCallsOfEscapes) {
  const Said said =
      run("unshare --user true 2>&1; unshare --mount true 2>&1; keyctl show 2>&1; dmesg 2>&1 | head -1; "
          "grep -h Seccomp: /proc/self/status");
  EXPECT_THAT(said.out, HasSubstr("unshare: unshare failed: Operation not permitted"));
  EXPECT_THAT(said.out, HasSubstr("Seccomp:\t2"));
  EXPECT_THAT(said.out, testing::Not(HasSubstr("Linux version")));
}

TEST(Confined, SaysWhyItCannotStart) {
  Loop loop;
  const auto why = runtime::run_task(loop, [](Command command) -> Task<std::string> {
    auto confined = co_await start_confined(std::move(command), Network::kOpen);
    // bubblewrap may find out before or after it is told to begin.
    co_return confined ? co_await read_all(confined->child->error()) : confined.error().detail;
  }(Command{.argv = sandboxed({.read_only = {"/is/not/there"}}, {"true"}), .environment = kEnvironment}));
  EXPECT_THAT(why, testing::AnyOf(HasSubstr("/is/not/there"), HasSubstr("not installed")));
}

}  // namespace
}  // namespace omakase::process
