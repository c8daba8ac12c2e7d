// Which addresses may be a project's repository. The set-up scripts refuse the same again, where the address is used. Pure.
#pragma once

#include <string_view>

#include "base/error.h"

namespace omakase::agents {

// https://, ssh:// and user@host:path; with `allow_local` also file:// and absolute paths. kInvalid invalid_repo_url.
base::Result<void> check_repo_url(std::string_view url, bool allow_local);

}  // namespace omakase::agents
