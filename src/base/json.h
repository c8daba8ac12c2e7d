// Reading JSON that strangers wrote, and taking typed fields out of it. Built on Boost.JSON, made stricter: nesting of 64 at
// most, duplicate names refused, UTF-8 and surrogates checked, numbers that overflow refused. Pure; any thread.
// Errors are kInvalid with code `malformed_json`, `invalid_type`, `required` or `out_of_range`, and the field's name.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace omakase::base {

namespace json = boost::json;

Result<json::value> parse_json(std::string_view text);

// parse_json, and the value must be an object.
Result<json::object> parse_json_object(std::string_view text);

// An optional field: absent or null is nullopt, another type an error that names the field.
Result<std::optional<std::string>> optional_string(const json::object& object, std::string_view name);
Result<std::optional<bool>> optional_bool(const json::object& object, std::string_view name);
Result<std::optional<std::int64_t>> optional_int(const json::object& object, std::string_view name);

// A field that must be there.
Result<std::string> required_string(const json::object& object, std::string_view name);

// For values of our own making or of an agent's: the member as text, or "" when absent or of another type.
std::string_view string_or_empty(const json::object& object, std::string_view name);
const json::object* object_or_null(const json::object& object, std::string_view name);
const json::array* array_or_null(const json::object& object, std::string_view name);
bool bool_or_false(const json::object& object, std::string_view name);

}  // namespace omakase::base
