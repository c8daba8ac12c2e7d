#include "base/metrics.h"

#include <array>
#include <charconv>

namespace omakase::base {

std::string MetricsText::number(double value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

void MetricsText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void MetricsText::sample(std::string_view suffix, double value, Labels labels) {
  text_.append(name_).append(suffix);
  char before = '{';
  for (const auto& [name, text] : labels) {
    text_.push_back(before);
    text_.append(name).append("=\"");
    for (const char c : text) {
      if (c == '\\' || c == '"') text_.push_back('\\');
      if (c == '\n')
        text_.append("\\n");
      else
        text_.push_back(c);
    }
    text_.push_back('"');
    before = ',';
  }
  if (before == ',') text_.push_back('}');
  text_.append(" ").append(number(value)).append("\n");
}

}  // namespace omakase::base
