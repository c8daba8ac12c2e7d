#include "agents/claude/input.h"

#include <boost/json.hpp>

namespace omakase::agents::claude {

namespace json = boost::json;

namespace {

std::string control(std::string_view request_id, std::string_view subtype) {
  return json::serialize(
      json::object{{"type", "control_request"}, {"request_id", request_id}, {"request", {{"subtype", subtype}}}});
}

}  // namespace

std::string user_line(std::string_view uuid, std::string_view text) {
  std::string literal(text);
  if (literal.starts_with('/')) literal.insert(0, 1, ' ');
  return json::serialize(json::object{{"type", "user"}, {"message", {{"role", "user"}, {"content", literal}}}, {"uuid", uuid}});
}

std::string interrupt_line(std::string_view request_id) { return control(request_id, "interrupt"); }

std::string initialize_line(std::string_view request_id) { return control(request_id, "initialize"); }

std::string refusal_line(std::string_view request_id, std::string_view error) {
  return json::serialize(json::object{{"type", "control_response"},
                                      {"response", {{"subtype", "error"}, {"request_id", request_id}, {"error", error}}}});
}

}  // namespace omakase::agents::claude
