#include <gtest/gtest.h>

#include "net/client_address.h"
#include "net/rate_limit.h"

namespace omakase::net {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

Address address(std::string_view text) {
  const auto parsed = parse_address(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Address());
}

TEST(ClientAddress, IsReadStrictly) {
  EXPECT_EQ(address("::ffff:10.1.2.3").to_string(), "10.1.2.3") << "IPv4 written as IPv6 is IPv4";
  EXPECT_EQ(address("2001:DB8::1").to_string(), "2001:db8::1");
  for (const char* bad : {"", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "0x7f.0.0.1", "1.2.3.4:80", "[::1]", "[::1]:80",
                          "fe80::1%eth0", "1.2.3.4 ", "::1::", "localhost", "unknown", "_hidden"}) {
    EXPECT_FALSE(parse_address(bad)) << bad;
  }
  EXPECT_FALSE(parse_address(std::string_view("1.2.3.4\0", 8)));
}

TEST(ClientAddress, ASubscriberOfIpv6IsOneClient) {
  EXPECT_EQ(client_key(address("2001:db8:1:2::1")), client_key(address("2001:db8:1:2:ffff::9")));
  EXPECT_NE(client_key(address("2001:db8:1:2::1")), client_key(address("2001:db8:1:3::1")));
  EXPECT_NE(client_key(address("10.0.0.1")), client_key(address("10.0.0.2")));
  EXPECT_NE(client_key(address("0.0.0.1")), client_key(address("::1")));
}

TEST(Network, HoldsTheAddressesOfItsPrefix) {
  const auto holds = [](const char* network, const char* text) { return Network::parse(network)->contains(address(text)); };
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(holds("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(holds("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(holds("10.0.0.1", "::ffff:10.0.0.1"));
  EXPECT_FALSE(holds("10.0.0.1", "10.0.0.2"));
  EXPECT_TRUE(holds("fd00::/7", "fc00::1"));
  EXPECT_TRUE(holds("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(holds("::/0", "8.8.8.8")) << "each family has its own";
  for (const char* bad :
       {"", "/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/8/8", "fd00::/129", "10/8"})
    EXPECT_FALSE(Network::parse(bad)) << bad;
}

TEST(ClientAddress, IsWhatTheListedProxiesSay) {
  const std::vector<Network> proxies{*Network::parse("10.0.0.0/8"), *Network::parse("fd00::1")};
  const auto client = [&](const char* peer, std::vector<Header> headers) {
    return client_address(address(peer), headers, proxies).to_string();
  };
  EXPECT_EQ(client("203.0.113.9", {{"X-Forwarded-For", "198.51.100.1"}}), "203.0.113.9") << "a stranger's word";
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"x-forwarded-for", "198.51.100.1"}}), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 198.51.100.1"}}), "198.51.100.1") << "what a client made up";
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "198.51.100.1 ,10.0.0.2"}}), "198.51.100.1") << "two proxies in a row";
  EXPECT_EQ(client("fd00::1", {{"X-Forwarded-For", "1.1.1.1"}, {"X-Forwarded-For", "2001:db8::7"}}), "2001:db8::7");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "198.51.100.1, nonsense, 10.0.0.2"}}), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", ""}}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "for=198.51.100.1"}}), "10.0.0.1");
}

TEST(RateLimit, GivesTwoSecondsWorthAtOnceAndThenItsRate) {
  RateLimit limit(10);
  const auto begin = RateLimit::Clock::time_point(1000s);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(limit.take(1, begin)) << i;
  EXPECT_FALSE(limit.take(1, begin));
  EXPECT_TRUE(limit.take(2, begin)) << "another client";
  EXPECT_FALSE(limit.take(1, begin + 99ms));
  EXPECT_TRUE(limit.take(1, begin + 100ms));
  EXPECT_FALSE(limit.take(1, begin + 100ms));
  int taken = 0;
  for (auto now = begin + 1s; now < begin + 11s; now += 10ms) taken += limit.take(1, now) ? 1 : 0;
  EXPECT_NEAR(taken, 100 + 9, 2) << "what is refused costs nothing";
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(limit.take(1, begin + 60s)) << "a client that was away has all of it again";
  EXPECT_FALSE(limit.take(1, begin + 60s));
}

TEST(RateLimit, RemembersNoMoreClientsThanItMay) {
  RateLimit limit(1);
  const auto now = RateLimit::Clock::time_point(1000s);
  EXPECT_TRUE(limit.take(7, now) && limit.take(7, now) && !limit.take(7, now));
  for (std::uint64_t client = 0; client < 1'000'000; ++client) {
    limit.take(client << 32, now);
    if (client % 1000 == 0) {
      EXPECT_FALSE(limit.take(7, now)) << "who keeps asking is not forgotten";
    }
  }
  EXPECT_EQ(limit.clients(), RateLimit::kMaxClients);
}

TEST(RateLimit, OfZeroIsNone) {
  RateLimit limit(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limit.take(1, RateLimit::Clock::time_point(1000s)));
  EXPECT_EQ(limit.clients(), 0u);
}

}  // namespace
}  // namespace omakase::net
