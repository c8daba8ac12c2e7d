#include "load/answer.h"

#include <algorithm>
#include <charconv>

namespace omakase::load {

namespace {

bool same_name(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() &&
         std::ranges::equal(a, lower, [](char one, char other) { return (one >= 'A' && one <= 'Z' ? one + 32 : one) == other; });
}

void read_field(std::string_view line, Head& head) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (same_name(name, "content-length")) {
    std::size_t length = 0;
    std::from_chars(value.data(), value.data() + value.size(), length);
    head.length = length;
  } else if (same_name(name, "transfer-encoding")) {
    head.chunked = value.find("chunked") != std::string_view::npos;
  } else if (same_name(name, "connection")) {
    head.closes = same_name(value, "close");
  }
}

}  // namespace

std::optional<Head> read_head(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  Head head;
  head.bytes = end + 4;
  if (text.starts_with("HTTP/1.") && text.size() > 12) std::from_chars(text.data() + 9, text.data() + 12, head.status);
  for (std::size_t at = text.find("\r\n") + 2; at < end;) {
    const std::size_t next = text.find("\r\n", at);
    read_field(text.substr(at, next - at), head);
    at = next + 2;
  }
  if (head.status == 204 || head.status == 304) head.length = 0;
  return head;
}

}  // namespace omakase::load
