#include "load/mark.h"

#include <cstring>

namespace omakase::load {

namespace {

constexpr std::size_t kLineAt = 10;
constexpr std::size_t kSequenceAt = 19;
constexpr std::size_t kTimeAt = 28;

void write_hex(char* at, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; value >>= 4) at[i] = "0123456789abcdef"[value & 15];
}

// Eight digits at once: a reader of millions of events spends its time here.
std::uint32_t read_hex(const char* at) {
  std::uint64_t digits;
  std::memcpy(&digits, at, sizeof digits);
  // A letter has bit 6 set, and its low bits are 9 short of its value.
  digits = (digits & 0x0f0f0f0f0f0f0f0f) + 9 * ((digits >> 6) & 0x0101010101010101);
  digits = (digits | (digits << 12)) >> 8 & 0x00ff00ff00ff00ff;
  digits = (digits << 8 | digits >> 16) & 0x0000ffff0000ffff;
  return static_cast<std::uint32_t>(digits << 16 | digits >> 32);
}

}  // namespace

void write_mark(char* at, const Mark& mark) {
  std::memset(at, '.', kMarkBytes);
  at[0] = at[kMarkBytes - 1] = '~';
  write_hex(at + 1, mark.session, 8);
  write_hex(at + kLineAt, mark.line, 8);
  write_hex(at + kSequenceAt, mark.sequence, 8);
  write_hex(at + kTimeAt, static_cast<std::uint64_t>(mark.sent_ns), 16);
}

std::optional<Mark> find_mark(std::string_view text) {
  for (;;) {
    const void* found = text.size() < kMarkBytes ? nullptr : std::memchr(text.data(), '~', text.size() - kMarkBytes + 1);
    if (!found) return std::nullopt;
    const char* at = static_cast<const char*>(found);
    if (at[kMarkBytes - 1] == '~' && at[kLineAt - 1] == '.' && at[kSequenceAt - 1] == '.' && at[kTimeAt - 1] == '.') {
      const std::uint64_t time = std::uint64_t{read_hex(at + kTimeAt)} << 32 | read_hex(at + kTimeAt + 8);
      return Mark{read_hex(at + 1), read_hex(at + kLineAt), read_hex(at + kSequenceAt), static_cast<std::int64_t>(time)};
    }
    text.remove_prefix(static_cast<std::size_t>(at - text.data()) + 1);
  }
}

}  // namespace omakase::load
