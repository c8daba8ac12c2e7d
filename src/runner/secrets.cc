#include "runner/secrets.h"

#include "base/json.h"

namespace omakase::runner {

namespace {

namespace json = base::json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

json::array to_array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

json::object to_object(const Pairs& pairs) {
  json::object object;
  for (const auto& [name, value] : pairs) object[name] = value;
  return object;
}

std::vector<std::string> texts(const json::object& object, std::string_view name) {
  std::vector<std::string> list;
  if (const json::array* array = base::array_or_null(object, name)) {
    for (const json::value& value : *array) {
      if (value.is_string()) list.emplace_back(value.as_string());
    }
  }
  return list;
}

Pairs pairs(const json::object& object, std::string_view name) {
  Pairs list;
  if (const json::object* members = base::object_or_null(object, name)) {
    for (const auto& [key, value] : *members) {
      if (value.is_string()) list.emplace_back(key, value.as_string());
    }
  }
  return list;
}

}  // namespace

std::string encode(const Secrets& secrets) {
  json::object object{{"environment", to_array(secrets.environment)}, {"scrub", to_object(secrets.scrub)}};
  if (secrets.relay) {
    object["relay"] = json::object{{"url", secrets.relay->url},
                                   {"credentials", to_object(secrets.relay->credentials)},
                                   {"proxies", to_array(secrets.relay->proxies)}};
  }
  return json::serialize(object) + "\n";
}

base::Result<Secrets> decode_secrets(std::string_view line) {
  if (line.empty()) return Secrets{};
  const auto object = base::parse_json_object(line);
  if (!object || !base::array_or_null(*object, "environment")) {
    return base::invalid("bad_secrets", "The line of secrets on standard input is malformed.");
  }
  Secrets secrets{.environment = texts(*object, "environment"), .scrub = pairs(*object, "scrub")};
  if (const json::object* relay = base::object_or_null(*object, "relay")) {
    secrets.relay = ModelUpstream{.url = std::string(base::string_or_empty(*relay, "url")),
                                  .credentials = pairs(*relay, "credentials"),
                                  .proxies = texts(*relay, "proxies")};
  }
  return secrets;
}

}  // namespace omakase::runner
