// SHA-256, base64url and comparison in constant time: thin over OpenSSL's libcrypto. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace omakase::base {

// 32 bytes.
std::string sha256(std::string_view data);

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view data);

// RFC 4648 section 5, without padding.
// With a key of any length (RFC 2104): 32 bytes, or as hexadecimal digits.
std::string hmac_sha256(std::string_view data, std::string_view key);
std::string hmac_sha256_hex(std::string_view data, std::string_view key);

std::string base64url(std::string_view data);
// nullopt for what is none; padding may be there or not.
std::optional<std::string> base64url_decode(std::string_view text);
// With padding.
std::string base64(std::string_view data);

// Whether two texts are equal, in a time that depends on their lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace omakase::base
