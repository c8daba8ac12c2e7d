// A line of JSON that an agent wrote, read fast: simdjson does the reading (docs/adr/0014-simdjson.md), this file says what of it
// is trusted. The bytes are hostile: a line is refused when it is no JSON object, nested more than 64 levels deep, or large and
// made of more than a million values; text in it is always valid UTF-8. What JavaScript writes and JSON forbids is mended. Of two
// members with one name the first counts. Memory: the line and its text once more, kept for the next line up to 1 MB.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace omakase::agents {

using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;
using JsonValue = simdjson::dom::element;

// What it gives out lives as long as it does. One at a time on a thread: they share its memory.
class JsonLine {
 public:
  explicit JsonLine(std::string_view line);
  JsonLine(const JsonLine&) = delete;
  JsonLine& operator=(const JsonLine&) = delete;
  ~JsonLine();

  const std::optional<JsonObject>& object() const { return object_; }
  const std::string& error() const { return error_; }  // why there is no object

 private:
  struct Memory;

  static Memory& memory_of_this_thread();
  bool read(std::string_view line);

  std::unique_ptr<Memory> own_;  // of a large line
  Memory& memory_;
  std::optional<JsonObject> object_;
  std::string error_;
};

// The member of this name, when it is of this type.
std::string_view string_or_empty(JsonObject object, std::string_view name);
std::optional<JsonObject> object_or_none(JsonObject object, std::string_view name);
std::optional<JsonArray> array_or_none(JsonObject object, std::string_view name);
std::optional<std::int64_t> integer_or_none(JsonObject object, std::string_view name);
bool bool_or_false(JsonObject object, std::string_view name);
double number_or_zero(JsonObject object, std::string_view name);

// The value itself, when it is of this type.
std::optional<JsonObject> as_object(JsonValue value);
std::optional<std::string_view> as_string(JsonValue value);

// A copy that outlives the line; empty without an object.
boost::json::object copy_of(std::optional<JsonObject> object);

}  // namespace omakase::agents
