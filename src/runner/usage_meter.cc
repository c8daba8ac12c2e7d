#include "runner/usage_meter.h"

namespace omakase::runner {

namespace {

namespace json = base::json;

// Where the model stands in a request: among the first members, before what is long.
constexpr std::size_t kModelWithin = std::size_t{4} << 10;
constexpr std::size_t kMaxName = 256;

void read_count(const json::object& usage, std::string_view name, std::int64_t& count) {
  const json::value* value = usage.if_contains(name);
  if (value && value->is_int64() && value->as_int64() >= 0) count = value->as_int64();
}

}  // namespace

UsageMeter::UsageMeter() : events_([this](const net::SseEvent& event) { on_event(event); }) {}

void UsageMeter::feed_events(std::string_view bytes) {
  if (readable_) readable_ = events_.feed(bytes);
}

void UsageMeter::on_event(const net::SseEvent& event) {
  // Only these are parsed: the words of the answer, which are nearly all of it, are not.
  if (event.event == "message_stop") usage_.complete = true;
  if (event.event != "message_start" && event.event != "message_delta" && event.event != "error") return;
  const auto data = base::parse_json_object(event.data);
  if (!data) return;
  if (const json::object* error = base::object_or_null(*data, "error")) usage_.error = base::string_or_empty(*error, "message");
  const json::object* message = base::object_or_null(*data, "message");
  if (message) usage_.model = base::string_or_empty(*message, "model").substr(0, kMaxName);
  if (const json::object* usage = base::object_or_null(message ? *message : *data, "usage")) count(*usage);
}

void UsageMeter::read_message(std::string_view body) {
  const auto message = base::parse_json_object(body);
  if (!message) return;
  usage_.model = base::string_or_empty(*message, "model").substr(0, kMaxName);
  if (const json::object* usage = base::object_or_null(*message, "usage")) count(*usage);
  if (const json::object* error = base::object_or_null(*message, "error"))
    usage_.error = base::string_or_empty(*error, "message");
  usage_.complete = true;
}

// Each count is of the whole answer so far: the last one holds.
void UsageMeter::count(const json::object& usage) {
  read_count(usage, "input_tokens", usage_.input_tokens);
  read_count(usage, "output_tokens", usage_.output_tokens);
  read_count(usage, "cache_read_input_tokens", usage_.cache_read_tokens);
  read_count(usage, "cache_creation_input_tokens", usage_.cache_write_tokens);
}

std::string requested_model(std::string_view body) {
  constexpr std::string_view kMember = "\"model\":\"";
  const std::size_t at = body.substr(0, kModelWithin).find(kMember);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = body.substr(at + kMember.size(), kMaxName);
  return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace omakase::runner
