// Takes the chunk framing (RFC 9112, 7.1) out of what a server sends, in place. The state between two calls is two numbers, and
// a call may end anywhere. What cannot be chunks sets `broken`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace omakase::load {

class Chunks {
 public:
  // Moves the bytes of content to the front of `bytes`; answers how many they are. After the last chunk's trailers the rest is
  // left alone: `used` bytes were read.
  std::size_t decode(std::span<char> bytes, std::size_t& used);

  bool ended() const { return state_ == State::kEnded; }
  bool broken() const { return state_ == State::kBroken; }

 private:
  enum class State : std::uint8_t { kSize, kExtension, kContent, kAfterContent, kTrailer, kEnded, kBroken };

  void step(char byte);

  State state_ = State::kSize;
  bool any_ = false;        // of the line under way: a digit of the size, a byte of a trailer
  std::uint64_t left_ = 0;  // of the chunk
};

}  // namespace omakase::load
