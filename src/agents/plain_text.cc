#include "agents/plain_text.h"

#include "base/text.h"

namespace omakase::agents {

namespace {

// The length of the escape sequence that begins at `at` (which is ESC).
std::size_t escape_length(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  if (end >= text.size()) return 1;
  const char kind = text[end++];
  if (kind == '[') {
    while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
    return std::min(end + 1, text.size()) - at;
  }
  if (kind == ']' || kind == 'P' || kind == '_' || kind == '^') {
    while (end < text.size() && text[end] != '\a' && !(text[end] == '\x1b' && end + 1 < text.size() && text[end + 1] == '\\'))
      ++end;
    if (end < text.size()) end += text[end] == '\a' ? 1 : 2;
    return end - at;
  }
  return 2;
}

// The first control character from `at` on.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) break;
    ++at;
  }
  return at;
}

}  // namespace

std::string plain_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_plain(text, at);
    out.append(text, at, end - at);
    if (end == text.size()) break;
    at = end + (text[end] == '\x1b' ? escape_length(text, end) : 1);
    const bool line_end = at == text.size() || text[at] == '\n';
    if (text[end] == '\r' && !line_end) out.resize(out.rfind('\n') + 1);
  }
  return base::valid_utf8(out) ? out : base::scrub_utf8(out);
}

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  const std::string_view head = base::utf8_prefix(text, bytes / 2);
  std::size_t tail = text.size() - bytes / 3;
  while (tail < text.size() && (static_cast<unsigned char>(text[tail]) & 0xC0) == 0x80) ++tail;
  return std::string(head) + "\n… " + std::to_string(tail - head.size()) + " bytes left out …\n" + std::string(text.substr(tail));
}

}  // namespace omakase::agents
