// The body of a request, as its head announced it: so many bytes, or chunks (RFC 9112, section 7.1). Pure; any thread. Chunks are
// read strictly: sizes are bare hexadecimal digits, lines end by CRLF. Extensions and trailers are checked in form and dropped;
// together they may take 16 KiB and eight times the body's bytes, so that nobody is kept busy with nothing.
#pragma once

#include "net/request_head.h"

namespace omakase::net {

class BodyReader {
 public:
  // A body of more than `max_bytes` is refused with 413, where it can be at its first byte.
  BodyReader(const RequestHead& head, std::size_t max_bytes);

  // Takes what it can from the front of `bytes`, appends to `body`, and tells how many bytes it took. Unless done() then, it
  // wants what was left, and more.
  std::expected<std::size_t, Refusal> read(std::string_view bytes, std::string& body);
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State { kPlain, kSize, kChunk, kChunkEnd, kTrailer, kDone };
  std::expected<void, Refusal> size_line(std::string_view line, std::size_t body_bytes);

  State state_;
  std::uint64_t left_;  // of the body, or of the chunk
  std::size_t max_bytes_;
  std::size_t framing_bytes_ = 0;
  std::size_t trailer_fields_ = 0;
};

}  // namespace omakase::net
