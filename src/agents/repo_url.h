// Which addresses may be a project's repository. The set-up scripts refuse the same again, where the address is used. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace omakase::agents {

// https://, ssh:// and user@host:path; with `allow_local` also file:// and absolute paths. kInvalid invalid_repo_url.
base::Result<void> check_repo_url(std::string_view url, bool allow_local);

// Whether it is a folder of this machine.
bool is_local(std::string_view url);

// An https address without the user and password in it, and these apart ("user:password", percent-encoded as they stood). Without
// a password the address stays as it is: a user's name is no secret.
struct SplitAddress {
  std::string address;
  std::string login;
};
SplitAddress without_password(std::string_view url);

}  // namespace omakase::agents
