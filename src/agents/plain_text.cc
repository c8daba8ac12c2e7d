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

}  // namespace

std::string plain_text(std::string_view text) {
  std::string out;
  std::size_t line_start = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\x1b') {
      at += escape_length(text, at);
      continue;
    }
    ++at;
    if (c == '\r') {
      const bool line_end = at == text.size() || text[at] == '\n';
      if (!line_end) out.resize(line_start);
    } else if (c == '\n') {
      out.push_back(c);
      line_start = out.size();
    } else if (c == '\t' || (byte >= 0x20 && byte != 0x7F)) {
      out.push_back(c);
    }
  }
  return base::scrub_utf8(out);
}

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  const std::string_view head = base::utf8_prefix(text, bytes / 2);
  std::size_t tail = text.size() - bytes / 3;
  while (tail < text.size() && (static_cast<unsigned char>(text[tail]) & 0xC0) == 0x80) ++tail;
  return std::string(head) + "\n… " + std::to_string(tail - head.size()) + " bytes left out …\n" + std::string(text.substr(tail));
}

}  // namespace omakase::agents
