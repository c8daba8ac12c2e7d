// `omakase practice-model [--listen 127.0.0.1:0] [--log FILE] [--delay MS]`: serves the scripted model until SIGTERM or SIGINT.
// Prints its address, `http://127.0.0.1:PORT`, as one line on standard output once it accepts. Runs a Loop of its own on the
// calling thread.
#pragma once

#include <span>
#include <string>

namespace omakase::practice {

// `args` are those after the command's name. Answers the exit status: 0 after a signal, 2 when the arguments or the address are
// wrong.
int run_practice_model(std::span<const std::string> args);

}  // namespace omakase::practice
