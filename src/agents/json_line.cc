#include "agents/json_line.h"

#include <algorithm>

#include "base/text.h"

namespace omakase::agents {

namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kLargeLine = 1 << 20;
constexpr std::size_t kMaxValuesOfLargeLine = 1 << 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The end of the string whose opening quote is at `at`: behind its closing quote.
std::size_t end_of_string(std::string_view line, std::size_t at) {
  for (at = line.find('"', at + 1); at != std::string_view::npos; at = line.find('"', at + 1)) {
    std::size_t escapes = 0;
    while (line[at - 1 - escapes] == '\\') ++escapes;
    if (escapes % 2 == 0) return at + 1;
  }
  return line.size();
}

// Values cost many times the bytes that they are written with; a text costs one time. What is large is text, or means harm.
bool has_too_many_values(std::string_view line) {
  if (line.size() <= kLargeLine) return false;
  std::size_t values = 0;
  for (std::size_t at = 0; at < line.size();) {
    const char c = line[at];
    if (c == ',' || c == ':' || c == '[' || c == '{') ++values;
    at = c == '"' ? end_of_string(line, at) : at + 1;
  }
  return values > kMaxValuesOfLargeLine;
}

// Whether the escape at `at` is the first (ud8.. to udb..) or the second (udc.. to udf..) half of a character beyond U+FFFF.
bool half_at(std::string_view line, std::size_t at, bool first) {
  if (at + 6 > line.size() || line[at] != '\\' || line[at + 1] != 'u' || (line[at + 2] | 0x20) != 'd') return false;
  const char digit = static_cast<char>(line[at + 3] | 0x20);
  return first ? (digit == '8' || digit == '9' || digit == 'a' || digit == 'b') : (digit >= 'c' && digit <= 'f');
}

// A program in JavaScript that cuts a text within a character writes half of it as an escape, which is no JSON to anybody else:
// U+FFFD takes its place.
std::string mend_halves(std::string line) {
  for (std::size_t at = line.find('\\'); at != std::string::npos; at = line.find('\\', at)) {
    if (half_at(line, at, true) && half_at(line, at + 6, false)) {
      at += 12;
    } else {
      if (half_at(line, at, true) || half_at(line, at, false)) line.replace(at + 2, 4, "fffd");
      at += 2;
    }
  }
  return line;
}

// JavaScript writes large numbers as whole ones, which fit no integer here: they become fractions.
std::string mend_integers(const std::string& line) {
  std::string mended;
  mended.reserve(line.size());
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = at + 1;
    if (line[at] == '"') {
      end = end_of_string(line, at);
    } else if (is_digit(line[at])) {
      while (end < line.size() && (is_digit(line[end]) || line[end] == '.' || (line[end] | 0x20) == 'e')) ++end;
    }
    const std::string_view part = std::string_view(line).substr(at, end - at);
    mended += part;
    if (part.size() >= 19 && std::ranges::all_of(part, is_digit)) mended += ".0";
    at = end;
  }
  return mended;
}

boost::json::value copy_of_value(JsonValue value) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::OBJECT: return copy_of(value.get_object().value_unsafe());
    case Type::ARRAY: {
      boost::json::array copy;
      for (const JsonValue item : value.get_array().value_unsafe()) copy.push_back(copy_of_value(item));
      return copy;
    }
    case Type::STRING: return boost::json::string(value.get_string().value_unsafe());
    case Type::INT64: return value.get_int64().value_unsafe();
    case Type::UINT64: return value.get_uint64().value_unsafe();
    case Type::DOUBLE: return value.get_double().value_unsafe();
    case Type::BOOL: return value.get_bool().value_unsafe();
    case Type::NULL_VALUE: break;
  }
  return nullptr;
}

template <typename T>
std::optional<T> member(JsonObject object, std::string_view name) {
  T value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

}  // namespace

struct JsonLine::Memory {
  simdjson::dom::parser parser;
  std::string bytes;  // the line, and room behind it: simdjson reads over its end
};

JsonLine::Memory& JsonLine::memory_of_this_thread() {
  thread_local Memory memory;
  return memory;
}

JsonLine::JsonLine(std::string_view line)
    : own_(line.size() > kLargeLine ? std::make_unique<Memory>() : nullptr), memory_(own_ ? *own_ : memory_of_this_thread()) {
  if (has_too_many_values(line)) {
    error_ = "The line has too many values.";
  } else if (!read(line)) {
    read(mend_integers(mend_halves(base::scrub_utf8(line))));
  }
}

JsonLine::~JsonLine() = default;

bool JsonLine::read(std::string_view line) {
  auto& [parser, bytes] = memory_;
  bytes.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  bytes.assign(line);
  JsonValue root;
  simdjson::error_code failed = simdjson::SUCCESS;
  if (parser.capacity() < line.size() || parser.max_depth() != kMaxDepth) failed = parser.allocate(line.size(), kMaxDepth);
  if (!failed) failed = parser.parse(bytes.data(), line.size(), false).get(root);
  if (failed) {
    error_ = simdjson::error_message(failed);
    return false;
  }
  object_ = as_object(root);
  if (!object_) error_ = "The JSON must be an object.";
  return true;
}

std::string_view string_or_empty(JsonObject object, std::string_view name) {
  return member<std::string_view>(object, name).value_or(std::string_view());
}

std::optional<JsonObject> object_or_none(JsonObject object, std::string_view name) { return member<JsonObject>(object, name); }

std::optional<JsonArray> array_or_none(JsonObject object, std::string_view name) { return member<JsonArray>(object, name); }

std::optional<std::int64_t> integer_or_none(JsonObject object, std::string_view name) {
  return member<std::int64_t>(object, name);
}

bool bool_or_false(JsonObject object, std::string_view name) { return member<bool>(object, name).value_or(false); }

double number_or_zero(JsonObject object, std::string_view name) { return member<double>(object, name).value_or(0); }

std::optional<JsonObject> as_object(JsonValue value) {
  JsonObject object;
  if (value.get(object) != simdjson::SUCCESS) return std::nullopt;
  return object;
}

std::optional<std::string_view> as_string(JsonValue value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

boost::json::object copy_of(std::optional<JsonObject> object) {
  boost::json::object copy;
  if (!object) return copy;
  for (const auto& [name, value] : *object) copy.emplace(name, copy_of_value(value));
  return copy;
}

}  // namespace omakase::agents
