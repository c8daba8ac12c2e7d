#include "notify/web_push.h"

#include <boost/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include <stdexcept>

#include "base/digest.h"

namespace omakase::notify {

namespace {

namespace json = boost::json;
using std::string_view_literals::operator""sv;

constexpr std::size_t kPrivateBytes = 32;
constexpr std::size_t kPublicBytes = 65;
constexpr std::size_t kAuthBytes = 16;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHalfSignature = 32;
constexpr std::int64_t kVapidSeconds = 12 * 3600;
constexpr const char* kCurve = "prime256v1";

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* one) const {
    Free(one);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using Group = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freed<EC_POINT_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// What only fails when there is no memory, or no library.
void must(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not do what it always does");
}

base::Failure bad_key() { return base::invalid("bad_key", "The key is no key on P-256.", "keys"); }

// Of a private and a public key, or of a public one alone; null when they are none.
Pkey pkey_of(const BIGNUM* private_key, std::string_view public_key) {
  const Builder builder(OSSL_PARAM_BLD_new());
  must(builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, kCurve, 0) &&
       OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, public_key.data(), public_key.size()));
  if (private_key) must(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, private_key));
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  must(params && context && EVP_PKEY_fromdata_init(context.get()) > 0);
  EVP_PKEY* key = nullptr;
  const int selection = private_key ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) <= 0) return nullptr;
  return Pkey(key);
}

std::string public_of(const BIGNUM* private_key) {
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Point point(EC_POINT_new(group.get()));
  std::string encoded(kPublicBytes, '\0');
  must(EC_POINT_mul(group.get(), point.get(), private_key, nullptr, nullptr, nullptr) &&
       EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes(encoded), kPublicBytes, nullptr) ==
           kPublicBytes);
  return encoded;
}

// HKDF's second step for what fits into one block (RFC 5869).
std::string expand(std::string_view key, std::string_view info, std::size_t length) {
  return base::hmac_sha256(std::string(info) + '\x01', key).substr(0, length);
}

std::string seal(std::string_view text, std::string_view key, std::string_view nonce) {
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::string sealed(text.size() + kTagBytes, '\0');
  int written = 0;
  must(cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, bytes(key), bytes(nonce)) &&
       EVP_EncryptUpdate(cipher.get(), bytes(sealed), &written, bytes(text), static_cast<int>(text.size())) &&
       EVP_EncryptFinal_ex(cipher.get(), bytes(sealed) + written, &written) &&
       EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, bytes(sealed) + text.size()));
  return sealed;
}

std::string random_bytes(std::size_t count) {
  std::string text(count, '\0');
  must(RAND_bytes(bytes(text), static_cast<int>(count)) == 1);
  return text;
}

// "https://push.example.org" of an endpoint there.
std::string_view origin_of(std::string_view endpoint) {
  const std::size_t scheme = endpoint.find("://");
  if (scheme == std::string_view::npos) return endpoint;
  return endpoint.substr(0, endpoint.find('/', scheme + 3));
}

}  // namespace

struct PushKey::Key {
  Pkey pkey;
  Number number;
};

PushKey::PushKey(std::unique_ptr<Key> key, std::string public_key) : key_(std::move(key)), public_(std::move(public_key)) {}
PushKey::PushKey(PushKey&&) noexcept = default;
PushKey& PushKey::operator=(PushKey&&) noexcept = default;
PushKey::~PushKey() = default;

PushKey PushKey::make() {
  for (;;) {
    // Nearly every number is a key.
    if (auto key = read(random_bytes(kPrivateBytes))) return *std::move(key);
  }
}

Result<PushKey> PushKey::read(std::string_view private_key) {
  if (private_key.size() != kPrivateBytes) return bad_key();
  Number number(BN_bin2bn(bytes(private_key), kPrivateBytes, nullptr));
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  must(number && group);
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0) return bad_key();
  std::string public_key = public_of(number.get());
  Pkey pkey = pkey_of(number.get(), public_key);
  if (!pkey) return bad_key();
  return PushKey(std::make_unique<Key>(std::move(pkey), std::move(number)), std::move(public_key));
}

std::string PushKey::private_key() const {
  std::string text(kPrivateBytes, '\0');
  must(BN_bn2binpad(key_->number.get(), bytes(text), kPrivateBytes) == static_cast<int>(kPrivateBytes));
  return text;
}

Result<std::string> PushKey::shared_with(std::string_view public_key) const {
  if (public_key.size() != kPublicBytes) return bad_key();
  const Pkey peer = pkey_of(nullptr, public_key);
  if (!peer) return bad_key();
  const PkeyContext context(EVP_PKEY_CTX_new(key_->pkey.get(), nullptr));
  must(context && EVP_PKEY_derive_init(context.get()) > 0);
  if (EVP_PKEY_derive_set_peer(context.get(), peer.get()) <= 0) return bad_key();
  std::size_t length = kPrivateBytes;
  std::string secret(length, '\0');
  if (EVP_PKEY_derive(context.get(), bytes(secret), &length) <= 0) return bad_key();
  return secret;
}

std::string PushKey::sign(std::string_view text) const {
  const Digest digest(EVP_MD_CTX_new());
  std::size_t length = 0;
  must(digest && EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_->pkey.get()) > 0 &&
       EVP_DigestSign(digest.get(), nullptr, &length, bytes(text), text.size()) > 0);
  std::string der(length, '\0');
  must(EVP_DigestSign(digest.get(), bytes(der), &length, bytes(text), text.size()) > 0);
  const unsigned char* at = bytes(std::string_view(der));
  const Signature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(length)));
  must(signature != nullptr);
  std::string both(2 * kHalfSignature, '\0');
  must(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes(both), kHalfSignature) > 0 &&
       BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes(both) + kHalfSignature, kHalfSignature) > 0);
  return both;
}

Result<std::string> encrypt_push(std::string_view payload, const PushReader& reader, const PushKey& once, std::string_view salt) {
  if (payload.size() > kMaxPushPayload) return base::invalid("too_long", "The payload is too long for a push.");
  if (reader.auth.size() != kAuthBytes || salt.size() != kSaltBytes) return bad_key();
  OMAKASE_TRY(const std::string secret, once.shared_with(reader.p256dh));
  const std::string info = std::string("WebPush: info\0"sv) + reader.p256dh + once.public_key();
  const std::string material = expand(base::hmac_sha256(secret, reader.auth), info, 32);
  const std::string key = base::hmac_sha256(material, salt);
  const std::string sealed = seal(std::string(payload) + '\x02', expand(key, "Content-Encoding: aes128gcm\0"sv, 16),
                                  expand(key, "Content-Encoding: nonce\0"sv, 12));
  // The salt, records of 4,096 bytes (there is one), and the key by which the secret is found.
  return std::string(salt) + std::string("\0\0\x10\0"sv) + static_cast<char>(kPublicBytes) + once.public_key() + sealed;
}

Result<std::string> encrypt_push(std::string_view payload, const PushReader& reader) {
  return encrypt_push(payload, reader, PushKey::make(), random_bytes(kSaltBytes));
}

std::string vapid_header(const PushKey& key, std::string_view endpoint, std::string_view subject, base::Timestamp now) {
  const std::string head = json::serialize(json::object{{"typ", "JWT"}, {"alg", "ES256"}});
  const std::string claims = json::serialize(
      json::object{{"aud", origin_of(endpoint)}, {"exp", now.micros / 1'000'000 + kVapidSeconds}, {"sub", subject}});
  const std::string text = base::base64url(head) + "." + base::base64url(claims);
  return "vapid t=" + text + "." + base::base64url(key.sign(text)) + ", k=" + base::base64url(key.public_key());
}

}  // namespace omakase::notify
