// Who a request comes from: the connection's other end, or what a proxy that the operator listed says in X-Forwarded-For.
// Addresses are read strictly (dotted decimal without leading zeros, or IPv6 without a zone); IPv4 written as IPv6 is IPv4. Pure;
// any thread.
#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "net/http.h"

namespace omakase::net {

using Address = boost::asio::ip::address;

std::optional<Address> parse_address(std::string_view text);

// IPv4 written as IPv6 becomes IPv4.
Address plain(const Address& address);

// What is counted as one client: an IPv4 address, or the /64 that one subscriber of IPv6 has to himself. Never the same for two.
std::uint64_t client_key(const Address& address);

// "10.0.0.0/8", "fd00::/8", or one address.
class Network {
 public:
  static std::optional<Network> parse(std::string_view text);
  bool contains(const Address& address) const;

 private:
  Address first_;
  unsigned bits_ = 0;
};

// The nearest address that is no listed proxy's. X-Forwarded-For is read from its end, where the proxies wrote, and only for as
// long as the one who wrote is listed; an entry that is no address ends the reading at whoever wrote it.
Address client_address(const Address& peer, std::span<const Header> headers, std::span<const Network> proxies);

}  // namespace omakase::net
