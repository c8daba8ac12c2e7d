// The command line: what comes after `omakase`.
#pragma once

namespace omakase::app {

// The exit code: 0 done, 1 it failed (standard error says why), 2 the words were wrong.
int run(int argc, char** argv);

}  // namespace omakase::app
