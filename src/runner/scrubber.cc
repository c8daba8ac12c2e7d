#include "runner/scrubber.h"

#include <algorithm>

#include "base/json.h"

namespace omakase::runner {

namespace {

// A value may stand in a string of JSON that stands in a string of JSON that stands in a line of JSON.
constexpr int kNesting = 3;

std::string as_json_writes_it(std::string_view text) {
  const std::string quoted = base::json::serialize(base::json::value(text));
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

Scrubber::Scrubber(const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [name, value] : values) {
    if (value.size() < kMinLength) continue;
    std::string form = value;
    for (int depth = 0; depth <= kNesting; ++depth) {
      forms_.push_back({form, "[hidden: " + name + "]"});
      const std::string escaped = as_json_writes_it(form);
      if (escaped == form) break;
      form = escaped;
    }
  }
  std::ranges::sort(forms_, std::ranges::greater{}, [](const Form& form) { return form.value.size(); });
  for (const Form& form : forms_) first_[static_cast<unsigned char>(form.value.front())] = true;
}

const Scrubber::Form* Scrubber::match(std::string_view text) const {
  const auto found = std::ranges::find_if(forms_, [&](const Form& form) { return text.starts_with(form.value); });
  return found == forms_.end() ? nullptr : &*found;
}

bool Scrubber::could_begin(std::string_view text) const {
  return std::ranges::any_of(forms_,
                             [&](const Form& form) { return form.value.size() > text.size() && form.value.starts_with(text); });
}

void Scrubber::take(std::string& text, std::string& out, bool end) const {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = std::string_view(text).substr(at);
    const auto candidate = std::ranges::find_if(rest, [this](char byte) { return first_[static_cast<unsigned char>(byte)]; });
    const auto plain = static_cast<std::size_t>(candidate - rest.begin());
    out += rest.substr(0, plain);
    at += plain;
    if (at == text.size()) break;
    const std::string_view here = rest.substr(plain);
    // A longer value may begin as a shorter one does: more has to come before that is known.
    if (!end && could_begin(here)) break;
    const Form* form = match(here);
    out += form ? std::string_view(form->shown) : here.substr(0, 1);
    at += form ? form->value.size() : 1;
  }
  text.erase(0, at);
}

std::string Scrubber::scrub(std::string_view text) const {
  std::string rest(text);
  if (idle()) return rest;
  std::string out;
  out.reserve(text.size());
  take(rest, out, true);
  return out;
}

std::string Scrubber::Stream::push(std::string_view piece) {
  if (scrubber_.idle()) return std::string(piece);
  held_ += piece;
  std::string out;
  scrubber_.take(held_, out, false);
  return out;
}

std::string Scrubber::Stream::finish() {
  std::string out;
  scrubber_.take(held_, out, true);
  return out;
}

}  // namespace omakase::runner
