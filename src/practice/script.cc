#include "practice/script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/json.h"
#include "base/text.h"

namespace omakase::practice {

namespace {

using base::invalid;
using base::Result;

constexpr std::size_t kMaxMadeBytes = 16 * 1024 * 1024;  // of !long and !words together
constexpr int kMaxCount = 1'000'000;
constexpr int kMaxPauseMs = 600'000;

// The first word of `rest`, which then begins at the second.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest = base::trim(rest.substr(end));
  return word;
}

Result<int> take_number(std::string_view& rest, int max) {
  const std::string_view word = take_word(rest);
  int number = 0;
  const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (ec != std::errc() || end != word.data() + word.size() || number < 0 || number > max) {
    return invalid("bad_directive", "a number from 0 to " + std::to_string(max) + " is missing.");
  }
  return number;
}

// "x3", or 1 when nothing is left.
Result<int> take_times(std::string_view& rest) {
  if (rest.empty()) return 1;
  if (!rest.starts_with('x')) return invalid("bad_directive", "how often is written xN.");
  rest.remove_prefix(1);
  return take_number(rest, kMaxCount);
}

std::string with_line_ends(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] == '\\' && (next == 'n' || next == '\\')) {
      out += next == 'n' ? '\n' : '\\';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Both alphabets of RFC 4648, with or without padding.
Result<std::string> decode_base64(std::string_view text) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (char c : text.substr(0, text.find_last_not_of('=') + 1)) {
    const std::size_t value = kAlphabet.find(c == '-' ? '+' : c == '_' ? '/' : c);
    if (value == std::string_view::npos) return invalid("bad_directive", "this is no base64.");
    buffer = (buffer << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>((buffer >> bits) & 0xFF);
  }
  if (!base::valid_utf8(out)) return invalid("bad_directive", "the decoded text is not UTF-8.");
  return out;
}

class Parser {
 public:
  Result<void> read(std::string_view text) {
    for (const std::string_view raw : base::split(text, '\n')) {
      const std::string_view line = base::trim(raw);
      const bool directive = line.size() > 1 && line[0] == '!' && line[1] >= 'a' && line[1] <= 'z';
      if (!directive) continue;
      if (auto read = read_directive(line.substr(1)); !read) {
        // The innermost line is the one to tell about: a !b64 holds others.
        if (read.error().field.empty()) {
          read.error().field = "script";
          read.error().detail = "`" + std::string(base::utf8_prefix(line, 200)) + "`: " + read.error().detail;
        }
        return read;
      }
    }
    return {};
  }

  Script finish() {
    end_step();
    return std::move(script_);
  }

 private:
  struct Directive {
    std::string_view name;
    Result<void> (Parser::*read)(std::string_view rest);
  };

  Result<void> read_directive(std::string_view line) {
    static constexpr std::array<Directive, 16> kDirectives = {{
        {"reply", &Parser::say},
        {"text", &Parser::say},
        {"words", &Parser::words},
        {"long", &Parser::long_text},
        {"slow", &Parser::slow},
        {"thinking", &Parser::thinking},
        {"tool", &Parser::tool},
        {"parallel", &Parser::parallel},
        {"delay", &Parser::delay},
        {"hold", &Parser::hold},
        {"hold-start", &Parser::hold_start},
        {"hang", &Parser::hang},
        {"cut", &Parser::cut},
        {"status", &Parser::status},
        {"retry-after", &Parser::retry_after},
        {"error", &Parser::error},
    }};
    const std::string_view name = take_word(line);
    if (name == "b64") return base64(line);
    const auto found = std::ranges::find(kDirectives, name, &Directive::name);
    if (found == kDirectives.end()) return invalid("bad_directive", "the practice model knows no such directive.");
    if (name != "tool" && in_parallel_) end_step();
    return (this->*found->read)(line);
  }

  void add(Action action) { step().actions.push_back(std::move(action)); }

  Step& step() {
    if (!open_) {
      open_ = Step{};
      if (script_.delay) open_->actions.emplace_back(Pace{script_.delay});
    }
    return *open_;
  }

  void end_step() {
    if (open_) script_.steps.push_back(*std::move(open_));
    open_.reset();
    in_parallel_ = false;
  }

  Result<void> make_room(std::size_t bytes) {
    made_ += bytes;
    if (made_ > kMaxMadeBytes) return invalid("bad_directive", "a script makes at most 16 MiB of text.");
    return {};
  }

  Result<void> say(std::string_view rest) {
    add(Text{with_line_ends(rest)});
    return {};
  }

  Result<void> words(std::string_view rest) {
    OMAKASE_TRY(const int count, take_number(rest, kMaxCount));
    std::string text;
    for (int i = 1; i <= count; ++i) text += (i > 1 ? " w" : "w") + std::to_string(i);
    OMAKASE_CHECK(make_room(text.size()));
    add(Text{std::move(text)});
    return {};
  }

  Result<void> long_text(std::string_view rest) {
    OMAKASE_TRY(const int bytes, take_number(rest, static_cast<int>(kMaxMadeBytes)));
    OMAKASE_CHECK(make_room(static_cast<std::size_t>(bytes)));
    std::string text;
    for (int line = 1; text.size() < static_cast<std::size_t>(bytes); ++line) {
      text += "line " + std::to_string(line) + " of a long answer, which goes on and on\n";
    }
    text.resize(static_cast<std::size_t>(bytes));
    add(Text{std::move(text)});
    return {};
  }

  Result<void> slow(std::string_view rest) {
    std::string_view count = take_word(rest);
    OMAKASE_TRY(const int pause, take_number(rest, kMaxPauseMs));
    add(Pace{milliseconds(pause)});
    OMAKASE_CHECK(words(count));
    add(Pace{script_.delay});
    return {};
  }

  Result<void> thinking(std::string_view rest) {
    add(Thinking{with_line_ends(rest)});
    return {};
  }

  Result<void> tool(std::string_view rest) {
    const std::string name(take_word(rest));
    if (name.empty()) return invalid("bad_directive", "the tool's name is missing.");
    OMAKASE_TRY(json::object input, base::parse_json_object(rest.empty() ? "{}" : rest));
    add(ToolUse{name, std::move(input)});
    if (!in_parallel_) end_step();
    return {};
  }

  Result<void> parallel(std::string_view) {
    in_parallel_ = true;
    return {};
  }

  Result<void> delay(std::string_view rest) {
    OMAKASE_TRY(const int pause, take_number(rest, kMaxPauseMs));
    script_.delay = milliseconds(pause);
    if (open_) add(Pace{script_.delay});
    return {};
  }

  Result<void> hold(std::string_view rest) {
    if (!base::valid_id(rest)) return invalid("bad_directive", "the name to wait for is missing.");
    add(Hold{std::string(rest)});
    return {};
  }

  Result<void> hold_start(std::string_view rest) {
    if (!base::valid_id(rest)) return invalid("bad_directive", "the name to wait for is missing.");
    step().hold_start = rest;
    return {};
  }

  Result<void> hang(std::string_view) {
    add(Hang{});
    return {};
  }

  Result<void> cut(std::string_view rest) {
    OMAKASE_TRY(const int after, take_number(rest, kMaxCount));
    OMAKASE_TRY(const int times, take_times(rest));
    step().cut = Cut{after, times};
    return {};
  }

  Result<void> status(std::string_view rest) {
    OMAKASE_TRY(const int code, take_number(rest, 599));
    if (code < 400) return invalid("bad_directive", "an HTTP error is from 400 to 599.");
    OMAKASE_TRY(const int times, take_times(rest));
    refusal().status = code;
    refusal().times = times;
    return {};
  }

  Result<void> retry_after(std::string_view rest) {
    OMAKASE_TRY(const int seconds, take_number(rest, 3600));
    refusal().retry_after_seconds = seconds;
    return {};
  }

  Refusal& refusal() {
    auto& refusal = step().refusal;
    if (!refusal) refusal.emplace();
    return *refusal;
  }

  Result<void> error(std::string_view rest) {
    const std::string type(take_word(rest));
    if (type.empty()) return invalid("bad_directive", "the error's type is missing, such as overloaded_error.");
    OMAKASE_TRY(const int times, take_times(rest));
    add(ErrorEvent{type, times});
    return {};
  }

  Result<void> base64(std::string_view rest) {
    OMAKASE_TRY(const std::string text, decode_base64(rest));
    return read(text);
  }

  Script script_;
  std::optional<Step> open_;
  bool in_parallel_ = false;
  std::size_t made_ = 0;
};

}  // namespace

Result<Script> parse_script(std::string_view text) {
  Parser parser;
  OMAKASE_CHECK(parser.read(text));
  return parser.finish();
}

}  // namespace omakase::practice
