#include "api/decode.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/ids.h"
#include "base/text.h"
#include "model/message.h"

namespace omakase::api {

std::string_view media_type(const net::Request& request) {
  const std::string_view type = request.header("Content-Type");
  return base::trim(type.substr(0, type.find(';')));
}

bool is_text(const net::Request& request) { return base::equal_ignoring_case(media_type(request), "text/plain"); }

Result<json::object> body_object(const net::Request& request) {
  if (base::trim(request.body).empty()) return json::object();
  auto body = base::parse_json_object(request.body);
  if (!body) body.error().field = "body";
  return body;
}

Result<std::optional<std::string>> optional_text(const json::object& body, std::string_view name, std::size_t max_bytes) {
  OMAKASE_TRY(std::optional<std::string> text, base::optional_string(body, name));
  if (!text) return std::nullopt;
  if (base::trim(*text).empty())
    return base::invalid("empty", "\"" + std::string(name) + "\" must not be empty.", std::string(name));
  if (text->size() > max_bytes) {
    const std::string size = max_bytes >= 1024 ? std::to_string(max_bytes / 1024) + " KiB" : std::to_string(max_bytes) + " bytes";
    return base::fail(base::ErrorKind::kTooLarge, "content_too_large",
                      "\"" + std::string(name) + "\" is larger than " + size + ".", std::string(name));
  }
  return text;
}

Result<std::string> required_text(const json::object& body, std::string_view name, std::size_t max_bytes) {
  OMAKASE_TRY(std::optional<std::string> text, optional_text(body, name, max_bytes));
  if (!text) return base::invalid("required", "\"" + std::string(name) + "\" is required.", std::string(name));
  return *std::move(text);
}

Result<std::string> content_of(const json::object& body, bool has_attachments) {
  if (has_attachments) {
    OMAKASE_TRY(const auto given, base::optional_string(body, "content"));
    if (!given || base::trim(*given).empty()) return std::string();
  }
  return required_text(body, "content", model::kMaxContentBytes);
}

Result<std::vector<model::NewsKind>> decode_news_kinds(const json::object& body) {
  const json::value* given = body.if_contains("kinds");
  if (!given || given->is_null()) return std::vector<model::NewsKind>(std::begin(model::kNewsKinds), std::end(model::kNewsKinds));
  const json::array* words = given->if_array();
  if (!words) return base::invalid("invalid_type", "\"kinds\" must be an array.", "kinds");
  std::vector<model::NewsKind> kinds;
  for (const json::value& word : *words) {
    const auto kind = word.is_string() ? model::parse_news_kind(word.as_string()) : std::nullopt;
    if (!kind) return base::invalid("invalid_kind", "\"kinds\" may have question, error and turn.", "kinds");
    if (std::ranges::find(kinds, *kind) == kinds.end()) kinds.push_back(*kind);
  }
  return kinds;
}

Result<std::optional<std::string>> optional_id(const json::object& body, std::string_view name) {
  OMAKASE_TRY(std::optional<std::string> id, base::optional_string(body, name));
  if (id && !base::valid_id(*id)) {
    return base::invalid("invalid_id", "\"" + std::string(name) + "\" must be 1 to 64 letters, digits, dashes or underscores.",
                         std::string(name));
  }
  return id;
}

Result<std::string> required_id(const json::object& body, std::string_view name) {
  OMAKASE_TRY(std::optional<std::string> id, optional_id(body, name));
  if (!id) return base::invalid("required", "\"" + std::string(name) + "\" is required.", std::string(name));
  return *std::move(id);
}

Result<std::size_t> page_limit(const net::Request& request, std::size_t fallback) {
  const auto text = request.parameter("limit");
  if (!text) return fallback;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  const bool huge = error == std::errc::result_out_of_range;
  if ((error != std::errc() && !huge) || end != text->data() + text->size() || (limit == 0 && !huge)) {
    return base::invalid("invalid_limit", "\"limit\" must be a positive number.", "limit");
  }
  return huge ? 1000 : std::min<std::size_t>(limit, 1000);
}

Result<std::optional<model::PermissionMode>> optional_permission_mode(const json::object& body) {
  OMAKASE_TRY(const auto mode, base::optional_string(body, "permissionMode"));
  if (!mode) return std::nullopt;
  const auto parsed = model::parse_permission_mode(*mode);
  if (!parsed)
    return base::invalid("invalid_mode", "\"permissionMode\" must be bypass, ask, acceptEdits or plan.", "permissionMode");
  return parsed;
}

Result<std::optional<std::string>> optional_model(const json::object& body) {
  constexpr std::size_t kMaxModel = 100;
  OMAKASE_TRY(auto name, base::optional_string(body, "model"));
  if (!name) return std::nullopt;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("._:/@[]-").contains(c);
  };
  if (name->empty() || name->size() > kMaxModel || name->front() == '-' || !std::ranges::all_of(*name, fits)) {
    return base::invalid("invalid_model", "\"model\" is no name of a model.", "model");
  }
  return name;
}

bool is_null(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value && value->is_null();
}

Result<std::optional<base::Timestamp>> time_parameter(const net::Request& request, std::string_view name) {
  const auto text = request.parameter(name);
  if (!text || text->empty()) return std::nullopt;
  const auto time = base::parse_timestamp(*text);
  if (!time) {
    return base::invalid("invalid_timestamp", "\"" + std::string(name) + "\" must be a time such as 2026-01-31T09:05:07.000123Z.",
                         std::string(name));
  }
  return time;
}

net::Response list_response(json::array items, std::optional<base::Timestamp> next) {
  return object_response(200,
                         {{"items", std::move(items)}, {"next", next ? json::value(base::format(*next)) : json::value(nullptr)}});
}

net::Response object_response(int status, const json::object& object) {
  return net::json_response(status, json::serialize(object));
}

}  // namespace omakase::api
