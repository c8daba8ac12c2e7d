#include "net/request_body.h"

#include <algorithm>

namespace omakase::net {

namespace {

constexpr std::size_t kMaxSizeLine = 256;
constexpr std::size_t kMaxSizeDigits = 16;
constexpr std::size_t kFramingBase = 16 * 1024;
constexpr std::size_t kFramingPerByte = 8;

std::unexpected<Refusal> malformed(std::string_view what) {
  return std::unexpected(
      Refusal{base::invalid("malformed_http", "The request's body is not valid HTTP/1.1: " + std::string(what) + ".").error()});
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool printable(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

Refusal body_too_large(std::size_t max_bytes) {
  return {{base::ErrorKind::kTooLarge, "body_too_large",
           "The request body is larger than " + std::to_string(max_bytes / 1024) + " KiB.", "body"},
          413};
}

}  // namespace

BodyReader::BodyReader(const RequestHead& head, std::size_t max_bytes)
    : state_(head.chunked               ? State::kSize
             : head.content_length == 0 ? State::kDone
                                        : State::kPlain),
      left_(head.content_length),
      max_bytes_(max_bytes) {}

std::expected<void, Refusal> BodyReader::size_line(std::string_view line, std::size_t body_bytes) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; digits < line.size() && hex_value(line[digits]) >= 0; ++digits) {
    if (digits == kMaxSizeDigits) return malformed("a chunk's size has too many digits");
    size = size * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
  }
  if (digits == 0) return malformed("a chunk's size is no number");
  const std::string_view extension = line.substr(digits);
  if (!extension.empty() && extension.front() != ';') return malformed("a chunk's size is no number");
  if (!std::ranges::all_of(extension, printable)) return malformed("a chunk's extension has a control character");
  if (size > max_bytes_ - body_bytes) return std::unexpected(body_too_large(max_bytes_));
  left_ = size;
  state_ = size == 0 ? State::kTrailer : State::kChunk;
  return {};
}

std::expected<std::size_t, Refusal> BodyReader::read(std::string_view bytes, std::string& body) {
  if (state_ == State::kPlain && left_ > max_bytes_ - body.size()) return std::unexpected(body_too_large(max_bytes_));
  std::size_t used = 0;
  while (state_ != State::kDone && used < bytes.size()) {
    const std::string_view rest = bytes.substr(used);
    if (state_ == State::kPlain || state_ == State::kChunk) {
      const std::size_t take = std::min<std::uint64_t>(left_, rest.size());
      body.append(rest.substr(0, take));
      used += take;
      left_ -= take;
      if (left_ == 0) state_ = state_ == State::kPlain ? State::kDone : State::kChunkEnd;
      continue;
    }
    const std::size_t budget = kFramingBase + kFramingPerByte * body.size() - framing_bytes_;
    const std::size_t most = std::min(state_ == State::kTrailer ? budget : kMaxSizeLine, budget);
    const std::size_t end = rest.substr(0, most).find('\n');
    if (end == std::string_view::npos) {
      if (rest.size() >= most) return malformed("its chunks' extensions or trailers are too long");
      break;
    }
    const std::string_view line = rest.substr(0, end);
    if (!line.ends_with('\r')) return malformed("a line does not end by CRLF");
    const std::string_view text = line.substr(0, line.size() - 1);
    used += end + 1;
    framing_bytes_ += end + 1;
    if (state_ == State::kChunkEnd) {
      if (!text.empty()) return malformed("a chunk is longer than its size");
      state_ = State::kSize;
    } else if (state_ == State::kSize) {
      if (auto good = size_line(text, body.size()); !good) return std::unexpected(std::move(good).error());
    } else if (text.empty()) {
      state_ = State::kDone;
    } else if (++trailer_fields_ > kMaxFields) {
      return std::unexpected(
          Refusal{base::invalid("too_many_headers", "The request has more than 100 trailer fields.").error(), 431});
    } else if (auto field = read_field(text); !field) {
      return std::unexpected(std::move(field).error());
    } else if (decides(field->name)) {
      return malformed("a trailer has a field that belongs in the head");
    }
  }
  return used;
}

}  // namespace omakase::net
