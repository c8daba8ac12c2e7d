// Takes known secret values out of text before it is kept or passed on: each becomes "[hidden: NAME]". Finds a value as it is and
// as JSON writes it inside a string, also a string inside a string (a tool's input inside a line of output). Values shorter than
// kMinLength are left alone: they would turn up by chance. Pure; the text is anybody's.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace omakase::runner {

class Scrubber {
 public:
  static constexpr std::size_t kMinLength = 8;

  explicit Scrubber(const std::vector<std::pair<std::string, std::string>>& values);  // {NAME, value}

  bool idle() const { return forms_.empty(); }

  std::string scrub(std::string_view text) const;

  // The same for a stream, in whatever pieces: what could be the beginning of a value waits for the next piece.
  class Stream {
   public:
    explicit Stream(const Scrubber& scrubber) : scrubber_(scrubber) {}
    std::string push(std::string_view piece);
    std::string finish();

   private:
    const Scrubber& scrubber_;
    std::string held_;
  };

 private:
  struct Form {
    std::string value;
    std::string shown;
  };

  // Moves the scrubbed beginning of `text` to `out`; what could go on as a value stays, unless this is the end.
  void take(std::string& text, std::string& out, bool end) const;
  const Form* match(std::string_view text) const;
  bool could_begin(std::string_view text) const;

  std::vector<Form> forms_;  // the longest first
  bool first_[256] = {};     // bytes that a form begins with
};

}  // namespace omakase::runner
