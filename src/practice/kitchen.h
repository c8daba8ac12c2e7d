// The practice kitchen: a tiny repository with one failing test, which a newcomer can add as their first project and which the
// practice model knows how to repair. Its tests are POSIX sh, so that nothing has to be installed.
// Blocks while git runs (a few milliseconds, once): call it at start or on a BlockingPool thread.
#pragma once

#include <string>

#include "base/error.h"

namespace omakase::practice {

// The path of `<folder>/practice-kitchen.git`, a bare repository with one commit on `main`, made when it is not there; what is
// there is left alone. `folder` must exist. kUnavailable `git_missing` or `git_failed`; kInternal when the disk refuses.
base::Result<std::string> ensure_practice_kitchen(const std::string& folder);

}  // namespace omakase::practice
