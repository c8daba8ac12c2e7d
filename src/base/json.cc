#include "base/json.h"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <vector>

namespace omakase::base {

namespace {

constexpr std::size_t kMaxDepth = 64;

// Builds a value like Boost.JSON's own parser, but notices a name that appears twice in one object. The value stack keeps the
// last of two equal names, so it is enough to compare the number of names read with the size of the finished object.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using error_code = boost::system::error_code;

  bool on_document_begin(error_code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    names_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t size, error_code& ec) {
    auto& names = names_.back();
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end()) {
      ec = boost::json::error::syntax;
      duplicate_ = true;
      return false;
    }
    names_.pop_back();
    stack_.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    stack_.push_array(size);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, error_code&) {
    key_.append(part.data(), part.size());
    stack_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, error_code&) {
    key_.append(part.data(), part.size());
    names_.back().push_back(std::move(key_));
    key_.clear();
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, error_code&) {
    stack_.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, error_code&) {
    stack_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
    stack_.push_uint64(value);
    return true;
  }
  bool on_double(double value, json::string_view, error_code& ec) {
    if (value - value != 0) {  // infinite: the text overflows a double
      ec = boost::json::error::exponent_overflow;
      return false;
    }
    stack_.push_double(value);
    return true;
  }
  bool on_bool(bool value, error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

  json::value release() { return stack_.release(); }
  bool duplicate() const { return duplicate_; }

 private:
  json::value_stack stack_;
  std::vector<std::vector<std::string>> names_;
  std::string key_;
  bool duplicate_ = false;
};

json::parse_options strict_options() {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  return options;
}

Failure wrong_type(std::string_view name, std::string_view expected) {
  return invalid("invalid_type", "\"" + std::string(name) + "\" must be " + std::string(expected) + ".", std::string(name));
}

// The member, or nullptr when it is absent or null.
const json::value* member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  json::basic_parser<StrictHandler> parser(strict_options());
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) ec = json::error::extra_data;
  if (ec) {
    if (parser.handler().duplicate()) return invalid("malformed_json", "The JSON has a name twice in one object.");
    if (ec == json::error::too_deep) return invalid("malformed_json", "The JSON is nested more than 64 levels deep.");
    return invalid("malformed_json", "The body is not valid JSON: " + ec.message() + " at byte " + std::to_string(used) + ".");
  }
  return parser.handler().release();
}

Result<json::object> parse_json_object(std::string_view text) {
  OMAKASE_TRY(json::value value, parse_json(text));
  if (!value.is_object()) return invalid("invalid_type", "The JSON must be an object.");
  return std::move(value.as_object());
}

Result<std::optional<std::string>> optional_string(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (!value) return std::nullopt;
  if (!value->is_string()) return wrong_type(name, "a string");
  return std::string(value->as_string());
}

Result<std::optional<bool>> optional_bool(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (!value) return std::nullopt;
  if (!value->is_bool()) return wrong_type(name, "true or false");
  return value->as_bool();
}

Result<std::optional<std::int64_t>> optional_int(const json::object& object, std::string_view name) {
  const json::value* value = member(object, name);
  if (!value) return std::nullopt;
  if (!value->is_int64()) return wrong_type(name, "an integer");
  return value->as_int64();
}

Result<std::string> required_string(const json::object& object, std::string_view name) {
  OMAKASE_TRY(std::optional<std::string> value, optional_string(object, name));
  if (!value) return invalid("required", "\"" + std::string(name) + "\" is required.", std::string(name));
  return *std::move(value);
}

std::string_view string_or_empty(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
}

const json::object* object_or_null(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_object() : nullptr;
}

const json::array* array_or_null(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value ? value->if_array() : nullptr;
}

bool bool_or_false(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value && value->is_bool() && value->as_bool();
}

}  // namespace omakase::base
