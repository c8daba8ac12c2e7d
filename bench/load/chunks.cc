#include "load/chunks.h"

#include <algorithm>
#include <cstring>

namespace omakase::load {

namespace {

constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 40;

int digit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const char lower = static_cast<char>(byte | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::size_t Chunks::decode(std::span<char> bytes, std::size_t& used) {
  std::size_t kept = 0;
  used = 0;
  while (used < bytes.size() && !ended() && !broken()) {
    if (state_ != State::kContent) {
      step(bytes[used++]);
      continue;
    }
    const std::size_t take = std::min<std::size_t>(left_, bytes.size() - used);
    std::memmove(bytes.data() + kept, bytes.data() + used, take);
    kept += take;
    used += take;
    left_ -= take;
    if (left_ == 0) state_ = State::kAfterContent;
  }
  return kept;
}

// One byte of the framing.
void Chunks::step(char byte) {
  if (byte == '\r') return;
  const bool line_ends = byte == '\n';
  if (state_ == State::kSize && digit(byte) >= 0 && left_ < kMaxChunk) {
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit(byte));
    any_ = true;
  } else if (state_ == State::kSize || state_ == State::kExtension) {
    if (!any_ || (!line_ends && byte != ';' && state_ == State::kSize)) {
      state_ = State::kBroken;
    } else {
      state_ = !line_ends ? State::kExtension : left_ > 0 ? State::kContent : State::kTrailer;
      if (line_ends) any_ = false;
    }
  } else if (state_ == State::kAfterContent) {
    state_ = line_ends ? State::kSize : State::kBroken;
    any_ = false;
  } else if (line_ends) {
    // An empty line ends the trailers.
    if (!any_) state_ = State::kEnded;
    any_ = false;
  } else {
    any_ = true;
  }
}

}  // namespace omakase::load
