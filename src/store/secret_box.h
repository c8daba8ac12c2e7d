// Seals small secrets (a project's git token, its variables' values), so that the database and its copies do not hold them in the
// clear. The key is one file beside the database, `secret.key`, made at the first start; whoever has both reads everything. A
// sealed text is bound to its project and name: at another place it does not open. Any thread, after load().
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace omakase::store {

// Whose secret it is.
struct SecretName {
  std::string_view project_id;
  std::string_view name;  // of the variable, or one of those below
};

// No names of variables.
inline constexpr std::string_view kGitTokenName = "git token";
inline constexpr std::string_view kWebhookSecretName = "webhook secret";
inline constexpr std::string_view kPushKeyName = "push key";  // of no project

class SecretBox {
 public:
  // The key of this data folder; made when there is none (0600, on disk before this returns). One process at a time: the holder
  // of the DataLock. kUnavailable `secret_key_unusable` when the file is something else, a link, or readable by others.
  static base::Result<SecretBox> load(const std::filesystem::path& data_folder);

  // Versioned text of A-Z, a-z, 0-9, '-', '_' and '.', about a third longer than the secret; different every time.
  std::string seal(std::string_view secret, SecretName name) const;

  // kUnavailable `secret_unreadable` when it was sealed with another key, for another name, or is damaged: to be set again.
  base::Result<std::string> open(std::string_view sealed, SecretName name) const;

 private:
  // Memory that is kept out of swap and core dumps, and wiped when it is given back.
  struct Wiped {
    void operator()(unsigned char* memory) const;
  };
  using Key = std::unique_ptr<unsigned char[], Wiped>;

  explicit SecretBox(Key key);

  Key key_;
  std::string start_;  // of every sealed text: the version, and which key it was
};

// Overwrites what a text held, and empties it: for copies of secrets that are not needed any more.
void wipe(std::string& secret);

}  // namespace omakase::store
