#include "net/http.h"

#include "base/json.h"
#include "base/text.h"

namespace omakase::net {

namespace {

struct StatusOfKind {
  base::ErrorKind kind;
  int status;
  std::string_view title;
};

// The one table from what went wrong to what HTTP says.
constexpr StatusOfKind kStatuses[] = {
    {base::ErrorKind::kInvalid, 400, "Invalid request"},
    {base::ErrorKind::kUnauthorized, 401, "Not signed in"},
    {base::ErrorKind::kForbidden, 403, "Not allowed"},
    {base::ErrorKind::kNotFound, 404, "Not found"},
    {base::ErrorKind::kMethodNotAllowed, 405, "Method not allowed"},
    {base::ErrorKind::kConflict, 409, "Conflict"},
    {base::ErrorKind::kTooLarge, 413, "Too large"},
    {base::ErrorKind::kUnsupportedMediaType, 415, "Unsupported media type"},
    {base::ErrorKind::kMisdirected, 421, "Misdirected request"},
    {base::ErrorKind::kTooManyRequests, 429, "Too many requests"},
    {base::ErrorKind::kUnavailable, 503, "Unavailable"},
    {base::ErrorKind::kCancelled, 503, "Unavailable"},
    {base::ErrorKind::kTimedOut, 504, "Timed out"},
    {base::ErrorKind::kInternal, 500, "Internal error"},
};

const StatusOfKind& row(base::ErrorKind kind) {
  for (const StatusOfKind& candidate : kStatuses) {
    if (candidate.kind == kind) return candidate;
  }
  return kStatuses[std::size(kStatuses) - 1];
}

}  // namespace

std::string_view text(Method method) {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kHead: return "HEAD";
    case Method::kPost: return "POST";
    case Method::kPut: return "PUT";
    case Method::kPatch: return "PATCH";
    case Method::kDelete: return "DELETE";
    case Method::kOptions: return "OPTIONS";
    case Method::kOther: break;
  }
  return "other";
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (base::equal_ignoring_case(key, name)) return value;
  }
  return {};
}

std::vector<std::optional<std::string>> Request::parameters(std::string_view name) const {
  std::vector<std::optional<std::string>> values;
  if (query.empty()) return values;
  for (std::string_view pair : base::split(query, '&')) {
    const std::size_t equals = pair.find('=');
    std::string key;
    if (!base::percent_decode(pair.substr(0, equals), key, true) || key != name) continue;
    std::string value;
    const bool whole = equals == std::string_view::npos || base::percent_decode(pair.substr(equals + 1), value, true);
    values.push_back(whole ? std::optional(std::move(value)) : std::nullopt);
  }
  return values;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  auto values = parameters(name);
  return values.empty() ? std::nullopt : std::move(values.front());
}

std::string_view Request::cookie(std::string_view name) const {
  for (std::string_view pair : base::split(header("Cookie"), ';')) {
    pair = base::trim(pair);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response empty_response(int status) {
  Response response;
  response.status = status;
  response.content_type.clear();
  return response;
}

int status_of(base::ErrorKind kind) { return row(kind).status; }

Response problem(const base::Error& error, const boost::json::object& more) {
  const StatusOfKind& entry = row(error.kind);
  const bool internal = error.kind == base::ErrorKind::kInternal;
  boost::json::object body{{"type", "about:blank"},
                           {"title", entry.title},
                           {"status", entry.status},
                           {"detail", internal ? "Something went wrong in the server; its log says more under this request's id."
                                               : std::string_view(error.detail)},
                           {"code", error.code}};
  if (!error.field.empty()) body["field"] = error.field;
  for (const auto& [name, value] : more) body[name] = value;
  Response response = json_response(entry.status, boost::json::serialize(body));
  response.content_type = "application/problem+json";
  if (entry.status == 503 || entry.status == 429) response.with("Retry-After", "1");
  return response;
}

}  // namespace omakase::net
