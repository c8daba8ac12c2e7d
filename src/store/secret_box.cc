#include "store/secret_box.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "base/digest.h"

namespace omakase::store {

namespace {

constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kMarkDigits = 8;

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

base::Failure unusable(const std::filesystem::path& file, const std::string& why) {
  return base::fail(base::ErrorKind::kUnavailable, "secret_key_unusable", "Cannot use " + file.string() + ": " + why + ".");
}
base::Failure unusable(const std::filesystem::path& file, int error) {
  return unusable(file, std::generic_category().message(error));
}

base::Failure unreadable(std::string detail) {
  return base::fail(base::ErrorKind::kUnavailable, "secret_unreadable", std::move(detail));
}

base::Result<void> sync_folder(const std::filesystem::path& folder) {
  const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.fd() < 0 || ::fsync(opened.fd()) != 0) return unusable(folder, errno);
  return {};
}

// Whole or not at all, whenever the machine stops: written beside its place, then put there.
base::Result<void> write_new_key(const std::filesystem::path& file, const unsigned char* key) {
  const std::filesystem::path draft = file.string() + ".new";
  if (::unlink(draft.c_str()) != 0 && errno != ENOENT) return unusable(draft, errno);
  {
    const File opened(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (opened.fd() < 0) return unusable(draft, errno);
    const ssize_t written = ::write(opened.fd(), key, kKeyBytes);
    if (written != static_cast<ssize_t>(kKeyBytes)) return unusable(draft, written < 0 ? errno : ENOSPC);
    if (::fsync(opened.fd()) != 0) return unusable(draft, errno);
  }
  if (::rename(draft.c_str(), file.c_str()) != 0) return unusable(file, errno);
  return sync_folder(file.parent_path());
}

// Whether there was a key to read.
base::Result<bool> read_key(const std::filesystem::path& file, unsigned char* key) {
  const File opened(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (opened.fd() < 0 && errno == ENOENT) return false;
  if (opened.fd() < 0 && errno == ELOOP) return unusable(file, "it is a symbolic link");
  struct stat status{};
  if (opened.fd() < 0 || ::fstat(opened.fd(), &status) != 0) return unusable(file, errno);
  if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(kKeyBytes)) {
    return unusable(file, "it is no key; put back the one from your backup");
  }
  if ((status.st_mode & 077) != 0) return unusable(file, "others than its owner may read it; `chmod 600` it");
  if (::read(opened.fd(), key, kKeyBytes) != static_cast<ssize_t>(kKeyBytes)) return unusable(file, EIO);
  return true;
}

// The project's id has a length of its own, so that no two pairs read the same.
std::string associated_data(SecretName name) {
  return std::to_string(name.project_id.size()) + ":" + std::string(name.project_id) + std::string(name.name);
}

std::string base64_of(std::string_view data) {
  std::string text(sodium_base64_ENCODED_LEN(data.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes(data), data.size(), kBase64);
  text.pop_back();  // the NUL
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string data(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int code = sodium_base642bin(bytes(data), data.size(), text.data(), text.size(), nullptr, &size, &end, kBase64);
  if (code != 0 || end != text.data() + text.size()) return std::nullopt;
  data.resize(size);
  return data;
}

}  // namespace

void SecretBox::Wiped::operator()(unsigned char* memory) const { sodium_free(memory); }

SecretBox::SecretBox(Key key)
    : key_(std::move(key)),
      start_("v1." + base::sha256_hex({reinterpret_cast<const char*>(key_.get()), kKeyBytes}).substr(0, kMarkDigits) + ".") {}

base::Result<SecretBox> SecretBox::load(const std::filesystem::path& data_folder) {
  const std::filesystem::path file = data_folder / "secret.key";
  if (sodium_init() < 0) return unusable(file, "libsodium does not start");
  Key key(static_cast<unsigned char*>(sodium_malloc(kKeyBytes)));
  if (!key) return unusable(file, ENOMEM);
  OMAKASE_TRY(const bool found, read_key(file, key.get()));
  if (!found) {
    randombytes_buf(key.get(), kKeyBytes);
    OMAKASE_CHECK(write_new_key(file, key.get()));
  }
  return SecretBox(std::move(key));
}

std::string SecretBox::seal(std::string_view secret, SecretName name) const {
  const std::string bound = associated_data(name);
  std::string data(kNonceBytes + secret.size() + kTagBytes, '\0');
  randombytes_buf(data.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(data) + kNonceBytes, nullptr, bytes(secret), secret.size(),
                                             bytes(std::string_view(bound)), bound.size(), nullptr, bytes(data), key_.get());
  return start_ + base64_of(data);
}

base::Result<std::string> SecretBox::open(std::string_view sealed, SecretName name) const {
  const std::string what = name.name == kGitTokenName ? "The project's git token" : "The variable " + std::string(name.name);
  const std::string remedy = " Put back the secret.key of your backup, or set it again.";
  if (!sealed.starts_with(start_)) return unreadable(what + " was sealed with another key." + remedy);
  const auto data = from_base64(sealed.substr(start_.size()));
  if (!data || data->size() < kNonceBytes + kTagBytes) return unreadable(what + " is damaged." + remedy);
  const std::string bound = associated_data(name);
  std::string secret(data->size() - kNonceBytes - kTagBytes, '\0');
  const std::string_view nonce = std::string_view(*data).substr(0, kNonceBytes);
  const std::string_view cipher = std::string_view(*data).substr(kNonceBytes);
  const int code =
      crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(secret), nullptr, nullptr, bytes(cipher), cipher.size(),
                                                 bytes(std::string_view(bound)), bound.size(), bytes(nonce), key_.get());
  if (code != 0) return unreadable(what + " is damaged, or was sealed for another place." + remedy);
  return secret;
}

void wipe(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace omakase::store
