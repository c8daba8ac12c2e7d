// The server: built in order, run until SIGTERM or SIGINT, taken down in reverse.
#pragma once

#include "app/config.h"

namespace omakase::app {

// The exit code: 0 after a signal, 1 when it cannot start (standard error says why, in one line).
int serve(const Config& config);

}  // namespace omakase::app
