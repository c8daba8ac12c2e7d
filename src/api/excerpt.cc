#include "api/excerpt.h"

#include <algorithm>

#include "base/text.h"

namespace omakase::api {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Where in `text` the first of the words stands; 0 when none does.
std::size_t first_place(std::string_view text, const std::vector<std::string>& words) {
  std::vector<std::size_t> origins;
  const std::string folded = base::fold_case(text, &origins);
  std::size_t first = folded.size();
  for (const std::string& word : words) first = std::min(first, folded.find(word));
  return first < folded.size() ? origins[first] : 0;
}

std::string on_one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    if (!is_blank(c)) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::vector<std::string> search_words(std::string_view text) {
  std::vector<std::string> words;
  const std::string folded = base::fold_case(text);
  for (std::size_t at = 0; at < folded.size();) {
    const bool quoted = folded[at] == '"';
    const std::size_t from = quoted ? at + 1 : at;
    std::size_t to = from;
    while (to < folded.size() && (quoted ? folded[to] != '"' : !is_blank(folded[to]) && folded[to] != '"')) ++to;
    const std::string_view word = base::trim(std::string_view(folded).substr(from, to - from));
    if (!word.empty()) words.emplace_back(word);
    at = to + (quoted || (to < folded.size() && is_blank(folded[to])) ? 1 : 0);
  }
  return words;
}

std::string excerpt(std::string_view text, const std::vector<std::string>& words, std::size_t bytes) {
  const std::size_t place = first_place(text, words);
  std::size_t from = place > bytes / 3 ? place - bytes / 3 : 0;
  while (from > 0 && from < place && !is_blank(text[from - 1])) ++from;
  while (from < text.size() && continues(text[from])) ++from;
  const std::string_view piece = base::utf8_prefix(text.substr(from), bytes);
  const std::string line = on_one_line(piece);
  const bool cut = from + piece.size() < text.size();
  return (from > 0 ? "… " : "") + line + (cut ? " …" : "");
}

}  // namespace omakase::api
