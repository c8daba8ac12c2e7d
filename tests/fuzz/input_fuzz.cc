// What a caller sends, as endpoints read it: the first line is a query and a cursor, the rest a body. Each is understood or
// refused with a code; a body that is accepted means the same after it is written and read again; text in it is valid UTF-8.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/decode.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/text.h"

namespace omakase {
namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

template <typename T>
void refused_with_code(const base::Result<T>& result) {
  must(result.has_value() || (!result.error().code.empty() && !result.error().detail.empty()));
}

// Boost.JSON reads a fraction to within its last digit only, so that one need not be the same when it is read again.
bool has_fraction(const base::json::value& value) {
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, has_fraction);
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object, [](const auto& member) { return has_fraction(member.value()); });
  }
  return value.is_double();
}

void read_body(const net::Request& request) {
  const auto body = api::body_object(request);
  refused_with_code(body);
  if (!body) return;
  const std::string text = base::json::serialize(*body);
  must(base::valid_utf8(text));
  const auto again = base::parse_json_object(text);
  must(again.has_value() && (has_fraction(*body) || base::json::serialize(*again) == text));
  for (const char* name : {"content", "name", "prompt"}) {
    const auto content = api::required_text(*body, name, 1000);
    refused_with_code(content);
    must(!content || (!content->empty() && content->size() <= 1000));
  }
  for (const char* name : {"id", "projectId", "threadId"}) {
    const auto id = api::required_id(*body, name);
    refused_with_code(id);
    must(!id || base::valid_id(*id));
  }
  refused_with_code(api::optional_permission_mode(*body));
  const auto model = api::optional_model(*body);
  refused_with_code(model);
  must(!model || !*model || !(*model)->starts_with('-'));
  refused_with_code(base::optional_bool(*body, "queued"));
  refused_with_code(base::optional_int(*body, "position"));
}

void read_query(const net::Request& request) {
  const auto limit = api::page_limit(request);
  refused_with_code(limit);
  must(!limit || (*limit > 0 && *limit <= 1000));
  for (const char* name : {"since", "before", "cursor"}) {
    const auto time = api::time_parameter(request, name);
    refused_with_code(time);
    must(!time || !*time || base::parse_timestamp(base::format(**time)) == **time);
  }
}

void read_cursor(std::string_view text) {
  if (const auto time = base::parse_timestamp(text)) must(base::parse_timestamp(base::format(*time)) == *time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(bytes.find('\n'), bytes.size());
  net::Request request;
  request.query = bytes.substr(0, line);
  request.body = bytes.substr(std::min(line + 1, bytes.size()));
  read_query(request);
  read_cursor(bytes.substr(0, line));
  read_body(request);
  return 0;
}

}  // namespace omakase
