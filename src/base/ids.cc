#include "base/ids.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "base/digest.h"

namespace omakase::base {

namespace {

void fill_random(std::span<unsigned char> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
    if (got > 0) done += static_cast<std::size_t>(got);
    // getrandom only fails for a bad address; EINTR just goes round again.
  }
}

// 128 bits in 26 characters of 5: the first character holds 3.
std::string ulid(Timestamp time, std::span<const unsigned char, 10> tail) {
  static constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::array<unsigned char, 16> bytes;
  const auto millis = static_cast<std::uint64_t>(time.micros < 0 ? 0 : time.micros / 1000);
  for (unsigned i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(millis >> (40 - 8 * i));
  std::ranges::copy(tail, bytes.begin() + 6);
  std::string text(26, '0');
  unsigned buffer = 0;
  int bits = 2;
  std::size_t at = 0;
  for (unsigned char byte : bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text[at++] = kAlphabet[(buffer >> bits) & 31];
    }
    buffer &= (1u << bits) - 1;
  }
  return text;
}

}  // namespace

std::string new_ulid(Timestamp now) {
  // A system call for each id would be a good part of what a short request costs. Ids are no secrets.
  thread_local std::array<unsigned char, 640> pool;
  thread_local std::size_t used = pool.size();
  if (used == pool.size()) {
    fill_random(pool);
    used = 0;
  }
  const std::span<const unsigned char, 10> random(pool.data() + used, 10);
  used += 10;
  return ulid(now, random);
}

std::string derived_ulid(Timestamp at, std::string_view scope, std::string_view id) {
  const std::string digest = sha256(std::string(scope) + '\n' + std::string(id));
  return ulid(at, std::span<const unsigned char, 10>(reinterpret_cast<const unsigned char*>(digest.data()), 10));
}

bool valid_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (char c : text) {
    const bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
    if (!good) return false;
  }
  return true;
}

std::string new_secret(std::size_t bytes) {
  std::string raw(bytes, '\0');
  fill_random(std::span(reinterpret_cast<unsigned char*>(raw.data()), raw.size()));
  return base64url(raw);
}

std::string derived_uuid(std::string_view scope, std::string_view id) {
  std::string hex = sha256_hex(std::string(scope) + '\n' + std::string(id)).substr(0, 32);
  hex[12] = '8';                                                                // version 8: the maker's own layout
  hex[16] = "89ab"[(hex[16] <= '9' ? hex[16] - '0' : hex[16] - 'a' + 10) & 3];  // variant of RFC 9562
  for (std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, 1, '-');
  return hex;
}

}  // namespace omakase::base
