// What a browser's push service is sent: a payload that only the browser can read (RFC 8291 and 8188, aes128gcm) and who asks
// for its delivery (VAPID, RFC 8292, ES256). Pure but for the system's random source.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace omakase::notify {

using base::Result;

// A pair of keys on P-256.
class PushKey {
 public:
  static PushKey make();
  // From the 32 bytes of a private key. kInvalid bad_key.
  static Result<PushKey> read(std::string_view private_key);

  PushKey(PushKey&&) noexcept;
  PushKey& operator=(PushKey&&) noexcept;
  ~PushKey();

  std::string private_key() const;                           // 32 bytes
  const std::string& public_key() const { return public_; }  // 65 bytes, uncompressed: the browser's applicationServerKey
  // The secret that it shares with another public key; kInvalid bad_key when that is no point of the curve.
  Result<std::string> shared_with(std::string_view public_key) const;
  // ES256: 64 bytes.
  std::string sign(std::string_view text) const;

 private:
  struct Key;
  PushKey(std::unique_ptr<Key> key, std::string public_key);
  std::unique_ptr<Key> key_;
  std::string public_;
};

// What a browser gave with its subscription, as bytes.
struct PushReader {
  std::string p256dh;  // 65
  std::string auth;    // 16
};

// At most so much of a payload: push services take 4,096 bytes with what is added.
inline constexpr std::size_t kMaxPushPayload = 3'900;

// The body of a push. `once` and `salt` (16 bytes) are new for each. kInvalid bad_key, too_long.
Result<std::string> encrypt_push(std::string_view payload, const PushReader& reader, const PushKey& once, std::string_view salt);
Result<std::string> encrypt_push(std::string_view payload, const PushReader& reader);

// The Authorization header for the push service at `endpoint`; good for twelve hours. `subject` is where the operator is reached.
std::string vapid_header(const PushKey& key, std::string_view endpoint, std::string_view subject, base::Timestamp now);

}  // namespace omakase::notify
