// Text that a program wrote for a terminal, as people and JSON can take it: valid UTF-8, without control sequences, cut to a
// length. The input is hostile. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace omakase::agents {

// Removes escape sequences (CSI, OSC and others) and control characters but tab and newline; a carriage return within a line
// takes back what stood before it, as a terminal shows it.
std::string plain_text(std::string_view text);

// At most `bytes` of `text`, with a note in the middle of what was left out.
std::string shortened(std::string_view text, std::size_t bytes);

}  // namespace omakase::agents
