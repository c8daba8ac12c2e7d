// What a message carries so that its readers can tell when it was sent, by whom, and whether all of them came:
// "~SESSION.LINE.SEQUENCE.TIME~", hexadecimal, of a fixed width. A session is one run of this program: messages of an earlier
// one, replayed, are known by it. A line is one sender in one channel; its messages are numbered from 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace omakase::load {

struct Mark {
  std::uint32_t session = 0;
  std::uint32_t line = 0;
  std::uint32_t sequence = 0;
  std::int64_t sent_ns = 0;  // of the monotonic clock

  bool operator==(const Mark&) const = default;
};

inline constexpr std::size_t kMarkBytes = 45;

// Writes kMarkBytes bytes.
void write_mark(char* at, const Mark& mark);

// The first mark in the text; nullopt where there is none.
std::optional<Mark> find_mark(std::string_view text);

}  // namespace omakase::load
