// The head of an HTTP/1.1 answer, and how its body ends. Reads what a server on this machine sends and need not be strict.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace omakase::load {

struct Head {
  int status = 0;
  std::size_t bytes = 0;  // of the head itself
  bool chunked = false;
  std::optional<std::size_t> length;  // of the body; without it and not chunked, the body ends with the connection
  bool closes = false;
};

// The head at the start of `text`; nullopt while it is not whole. A status of 0 is what could not be read.
std::optional<Head> read_head(std::string_view text);

}  // namespace omakase::load
