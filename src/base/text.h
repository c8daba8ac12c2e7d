// Small pure functions on text: UTF-8, trimming, cutting, splitting. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace omakase::base {

// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool valid_utf8(std::string_view text);

// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string scrub_utf8(std::string_view text);

// The longest prefix of at most `bytes` bytes that does not cut a character of well-formed UTF-8.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

// `text` without white space (blank, tab, CR, LF) at both ends.
std::string_view trim(std::string_view text);

// The parts of `text` between `separator`s: "a,,b" has three, "" has one.
std::vector<std::string_view> split(std::string_view text, char separator);

// Pieces of at most `bytes` bytes whose concatenation is `text`, cut after a line's end where there is one in reach, never in a
// character. An empty text has one empty piece.
std::vector<std::string_view> split_at_lines(std::string_view text, std::size_t bytes);

// ASCII only, as HTTP compares its names.
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string lower_ascii(std::string_view text);

// `text` with its letters small, of every alphabet that has two sizes; one letter stays one. What is no UTF-8 stays as it is.
// With `origins`, where in `text` each byte of the result comes from, and text.size() at its end.
std::string fold_case(std::string_view text, std::vector<std::size_t>* origins = nullptr);

// %XX and, when `plus_is_blank`, '+' decoded; false when the input is malformed.
bool percent_decode(std::string_view text, std::string& out, bool plus_is_blank = false);

}  // namespace omakase::base
