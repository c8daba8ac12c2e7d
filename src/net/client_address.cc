#include "net/client_address.h"

#include <algorithm>
#include <charconv>
#include <ranges>

#include "base/text.h"

namespace omakase::net {

namespace ip = boost::asio::ip;

namespace {

// As IPv6 has it, so that both families compare alike.
ip::address_v6::bytes_type bytes_of(const Address& address) {
  return address.is_v6() ? address.to_v6().to_bytes() : ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

bool listed(const Address& address, std::span<const Network> proxies) {
  return std::ranges::any_of(proxies, [&](const Network& network) { return network.contains(address); });
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  // The system's reader takes a zone ("fe80::1%eth0"), and ends at a NUL.
  if (text.empty() || text.size() > 45 || text.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos)
    return std::nullopt;
  boost::system::error_code ec;
  const Address address = ip::make_address(std::string(text), ec);
  if (ec) return std::nullopt;
  return plain(address);
}

Address plain(const Address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

std::uint64_t client_key(const Address& address) {
  // No IPv6 address in use begins with 0000:ffff.
  constexpr std::uint64_t kIsV4 = std::uint64_t{0xffff} << 32;
  if (address.is_v4()) return kIsV4 | address.to_v4().to_uint();
  const auto bytes = address.to_v6().to_bytes();
  std::uint64_t prefix = 0;
  for (std::size_t at = 0; at < 8; ++at) prefix = prefix << 8 | bytes[at];
  return prefix;
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = parse_address(text.substr(0, slash));
  if (!first) return std::nullopt;
  const unsigned most = first->is_v4() ? 32 : 128;
  unsigned bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || bits > most) return std::nullopt;
  }
  Network network;
  network.first_ = *first;
  network.bits_ = bits + (128 - most);
  return network;
}

bool Network::contains(const Address& address) const {
  if (plain(address).is_v4() != first_.is_v4()) return false;
  const auto mine = bytes_of(first_);
  const auto theirs = bytes_of(plain(address));
  const std::size_t whole = bits_ / 8;
  if (!std::equal(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(whole), theirs.begin())) return false;
  const unsigned rest = bits_ % 8;
  return rest == 0 || ((mine[whole] ^ theirs[whole]) >> (8 - rest)) == 0;
}

Address client_address(const Address& peer, std::span<const Header> headers, std::span<const Network> proxies) {
  Address nearest = plain(peer);
  if (!listed(nearest, proxies)) return nearest;
  for (const auto& [name, value] : std::views::reverse(headers)) {
    if (!base::equal_ignoring_case(name, "X-Forwarded-For")) continue;
    for (std::string_view entry : std::views::reverse(base::split(value, ','))) {
      const auto address = parse_address(base::trim(entry));
      if (!address) return nearest;
      nearest = *address;
      if (!listed(nearest, proxies)) return nearest;
    }
  }
  return nearest;
}

}  // namespace omakase::net
