// Reading what a caller sent: bodies, ids, cursors and page sizes, with errors that name the field. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "model/webhook.h"
#include "model/words.h"
#include "net/http.h"

namespace omakase::api {

using base::Result;
namespace json = boost::json;

// What the body is said to be, without its parameters: "application/json".
std::string_view media_type(const net::Request& request);
bool is_text(const net::Request& request);

// The body as an object; an empty body is an empty object, so that what is missing is named.
Result<json::object> body_object(const net::Request& request);

// A field that must be there and not be blank; `max_bytes` is kTooLarge with code content_too_large.
Result<std::string> required_text(const json::object& body, std::string_view name, std::size_t max_bytes);
// The same for one that may be absent.
Result<std::optional<std::string>> optional_text(const json::object& body, std::string_view name, std::size_t max_bytes);

// The content of a message, which may be absent or blank when there is something else in it.
Result<std::string> content_of(const json::object& body, bool has_attachments);

// `kinds` of news: all when absent. kInvalid invalid_type, invalid_kind.
Result<std::vector<model::NewsKind>> decode_news_kinds(const json::object& body);

// An id that the caller chose: [0-9A-Za-z_-]{1,64}.
Result<std::optional<std::string>> optional_id(const json::object& body, std::string_view name);
Result<std::string> required_id(const json::object& body, std::string_view name);

// `limit`: `fallback` when absent, 1,000 at most; not a positive number is an error.
Result<std::size_t> page_limit(const net::Request& request, std::size_t fallback = 100);

// `permissionMode`: bypass, ask, acceptEdits or plan; kInvalid invalid_mode.
Result<std::optional<model::PermissionMode>> optional_permission_mode(const json::object& body);
// `model`: a name, up to 100 of [A-Za-z0-9._:/@[]-]; kInvalid invalid_model. It reaches the agent's command line.
Result<std::optional<std::string>> optional_model(const json::object& body);
// A field that is given as null is taken away; one that is absent stays.
bool is_null(const json::object& body, std::string_view name);

// A timestamp in a query parameter.
Result<std::optional<base::Timestamp>> time_parameter(const net::Request& request, std::string_view name);

// {"items": [...], "next": cursor|null}
net::Response list_response(json::array items, std::optional<base::Timestamp> next);

net::Response object_response(int status, const json::object& object);

}  // namespace omakase::api
