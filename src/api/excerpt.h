// What a search shows of a text. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace omakase::api {

// The words of a search, as base::fold_case has them: its parts between white space, and what stands in "quotes" as one.
std::vector<std::string> search_words(std::string_view text);

// About `bytes` bytes of `text` around the first of the words that is found in it: on one line, cut at characters, with … where
// something was cut.
std::string excerpt(std::string_view text, const std::vector<std::string>& words, std::size_t bytes = 200);

}  // namespace omakase::api
