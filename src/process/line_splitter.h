// Cuts a stream of bytes into lines, whatever the chunks it arrives in. For one reader; pure.
// A line longer than the bound is given up: one kOversize for it, then everything to its newline is skipped, so that memory stays
// bounded by the longest allowed line. What follows the last newline is told apart as kHalf, by finish().
//
//   splitter.push(chunk);  while (auto line = splitter.next()) use(*line);      at the end: if (auto half = splitter.finish())
//   ...
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace omakase::process {

struct Line {
  enum class Kind { kWhole, kHalf, kOversize };
  Kind kind = Kind::kWhole;
  std::string_view text;  // without its newline; empty for kOversize; good until the splitter is next called
};

class LineSplitter {
 public:
  static constexpr std::size_t kMaxLine = std::size_t{64} << 20;

  explicit LineSplitter(std::size_t max_line = kMaxLine) : max_line_(max_line) {}

  // Gives the splitter more bytes. They must stay where they are until next() has returned nullopt.
  void push(std::string_view bytes) { fresh_ = bytes; }

  // The next line, or nullopt when more bytes are needed.
  std::optional<Line> next();

  // At the end of the stream: what stands after the last newline, if anything does.
  std::optional<Line> finish();

 private:
  void release_held();

  std::size_t max_line_;
  std::string_view fresh_;
  std::string held_;             // the beginning of a line whose newline has not come
  bool held_was_given_ = false;  // next() returned a view of held_: it goes at the next call
  bool skipping_ = false;        // inside a line that was given up
};

}  // namespace omakase::process
