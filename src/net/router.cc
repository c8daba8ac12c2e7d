#include "net/router.h"

#include "base/text.h"

namespace omakase::net {

const std::string& Parameters::operator[](std::string_view name) const {
  static const std::string kNone;
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  return kNone;
}

bool matches(std::string_view pattern, std::string_view path, Parameters& parameters) {
  while (!pattern.empty() && !path.empty()) {
    if (pattern.front() != '/' || path.front() != '/') return false;
    const std::size_t pattern_end = std::min(pattern.find('/', 1), pattern.size());
    const std::size_t path_end = std::min(path.find('/', 1), path.size());
    const std::string_view want = pattern.substr(1, pattern_end - 1);
    const std::string_view have = path.substr(1, path_end - 1);
    if (want.starts_with(':')) {
      std::string value;
      if (have.empty() || !base::percent_decode(have, value) ||
          value.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
        return false;
      parameters.set(want.substr(1), std::move(value));
    } else if (want != have) {
      return false;
    }
    pattern.remove_prefix(pattern_end);
    path.remove_prefix(path_end);
  }
  return pattern.empty() && path.empty();
}

}  // namespace omakase::net
