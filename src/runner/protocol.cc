#include "runner/protocol.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ids.h"
#include "base/json.h"
#include "base/text.h"

namespace omakase::runner {

namespace {

namespace json = base::json;
using base::Result;

constexpr std::pair<RecordKind, std::string_view> kKinds[] = {
    {RecordKind::kOut, "out"}, {RecordKind::kErr, "err"}, {RecordKind::kNote, "note"}};
constexpr std::size_t kMaxHeader = 64;
// What the decoder keeps of a buffer that a long record made large.
constexpr std::size_t kKeepCapacity = std::size_t{256} << 10;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

template <typename Number>
bool read_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

struct Header {
  RecordKind kind;
  std::size_t length;
  std::int64_t micros;
};

std::optional<Header> read_header(std::string_view line) {
  const auto words = base::split(line, ' ');
  if (words.size() != 3) return std::nullopt;
  const auto kind = std::ranges::find(kKinds, words[0], &std::pair<RecordKind, std::string_view>::second);
  Header header{};
  if (kind == std::end(kKinds) || !read_number(words[1], header.length) || !read_number(words[2], header.micros)) {
    return std::nullopt;
  }
  header.kind = kind->first;
  // A note may be longer than what it quotes, by its own words.
  if (header.length > kMaxPayload + (std::size_t{1} << 20)) return std::nullopt;
  return header;
}

base::Failure corrupt(std::uint64_t offset) {
  return base::internal("The runner's spool is unreadable at offset " + std::to_string(offset) + ".");
}

std::string line(const json::object& object) { return json::serialize(object) + "\n"; }

std::int64_t int_or(const json::object& object, std::string_view name, std::int64_t otherwise) {
  const json::value* value = object.if_contains(name);
  return value && value->is_int64() ? value->as_int64() : otherwise;
}

json::object times_to_json(const StopTimes& times) {
  return {{"interruptMs", times.interrupt.count()}, {"closeMs", times.close.count()}, {"termMs", times.term.count()}};
}

StopTimes times_from_json(const json::object& object) {
  const StopTimes usual;
  const auto read = [&](std::string_view name, std::chrono::milliseconds otherwise) {
    return std::chrono::milliseconds(std::clamp<std::int64_t>(int_or(object, name, otherwise.count()), 0, 3'600'000));
  };
  return {read("interruptMs", usual.interrupt), read("closeMs", usual.close), read("termMs", usual.term)};
}

json::object to_json(const note::ModelCall& call) {
  return {{"type", "model_call"},
          {"id", call.id},
          {"model", call.model},
          {"status", call.status},
          {"inputTokens", call.input_tokens},
          {"outputTokens", call.output_tokens},
          {"cacheReadTokens", call.cache_read_tokens},
          {"cacheWriteTokens", call.cache_write_tokens},
          {"startedMicros", call.started_micros},
          {"endedMicros", call.ended_micros},
          {"error", call.error}};
}

note::ModelCall model_call_from_json(const json::object& object) {
  return {.id = std::string(base::string_or_empty(object, "id")),
          .model = std::string(base::string_or_empty(object, "model")),
          .status = static_cast<int>(int_or(object, "status", 0)),
          .input_tokens = int_or(object, "inputTokens", 0),
          .output_tokens = int_or(object, "outputTokens", 0),
          .cache_read_tokens = int_or(object, "cacheReadTokens", 0),
          .cache_write_tokens = int_or(object, "cacheWriteTokens", 0),
          .started_micros = int_or(object, "startedMicros", 0),
          .ended_micros = int_or(object, "endedMicros", 0),
          .error = std::string(base::string_or_empty(object, "error"))};
}

Result<std::uint64_t> required_offset(const json::object& object, std::string_view name) {
  const std::int64_t value = int_or(object, name, -1);
  if (value < 0) return base::invalid("invalid_type", "\"" + std::string(name) + "\" must be an offset.", std::string(name));
  return static_cast<std::uint64_t>(value);
}

Result<ServerMessage> decode_input(const json::object& object) {
  OMAKASE_TRY(std::string id, base::required_string(object, "id"));
  OMAKASE_TRY(std::string data, base::required_string(object, "data"));
  if (!base::valid_id(id)) return base::invalid("invalid_id", "The id of an input is malformed.", "id");
  if (data.find('\n') != std::string::npos) return base::invalid("not_a_line", "An input is one line.", "data");
  return message::Input{std::move(id), std::move(data)};
}

}  // namespace

std::string record_header(RecordKind kind, std::size_t length, std::int64_t micros) {
  const auto word = std::ranges::find(kKinds, kind, &std::pair<RecordKind, std::string_view>::first)->second;
  return std::string(word) + " " + std::to_string(length) + " " + std::to_string(micros) + "\n";
}

Result<std::optional<Record>> RecordDecoder::next() {
  const std::string_view rest = std::string_view(held_).substr(used_);
  const std::size_t header_end = rest.substr(0, kMaxHeader).find('\n');
  if (header_end == std::string_view::npos) {
    if (rest.size() >= kMaxHeader) return corrupt(offset_);
    held_.erase(0, std::exchange(used_, 0));
    return std::nullopt;
  }
  const auto header = read_header(rest.substr(0, header_end));
  if (!header) return corrupt(offset_);
  const std::size_t size = header_end + 1 + header->length + 1;
  if (rest.size() < size) {
    held_.erase(0, std::exchange(used_, 0));
    return std::nullopt;
  }
  if (rest[size - 1] != '\n') return corrupt(offset_);
  Record record{header->kind, std::string(rest.substr(header_end + 1, header->length)), header->micros, offset_ + size};
  offset_ += size;
  used_ += size;
  // What a large record took is given back before the reader looks into it, which takes as much again.
  if (used_ == held_.size() || size > kKeepCapacity) {
    held_.erase(0, std::exchange(used_, 0));
    if (held_.capacity() > kKeepCapacity) held_.shrink_to_fit();
  }
  return record;
}

std::string encode(const Note& note) {
  const json::object object = std::visit(
      Overloaded{
          [](const note::Started& started) { return json::object{{"type", "started"}, {"pid", started.pid}}; },
          [](const note::InputWritten& input) { return json::object{{"type", "input"}, {"id", input.id}}; },
          [](const note::InputRefused& input) { return json::object{{"type", "input_refused"}, {"id", input.id}}; },
          [](const note::Oversize&) { return json::object{{"type", "oversize"}}; },
          [](const note::HalfLine& half) { return json::object{{"type", "half_line"}, {"text", half.text}}; },
          [](const note::OutputClosed&) { return json::object{{"type", "output_closed"}}; },
          [](const note::ErrorCut&) { return json::object{{"type", "error_cut"}}; },
          [](const note::ModelCallStarted& call) { return json::object{{"type", "model_call_started"}, {"id", call.id}}; },
          [](const note::ModelCall& call) { return to_json(call); },
          [](const note::LimitReached& reached) {
            return json::object{{"type", "limit_reached"}, {"limit", reached.limit}, {"allowed", reached.allowed}};
          },
          [](const note::Exit& exit) {
            json::object written{{"type", "exit"}, {"stderr", exit.stderr_tail}};
            if (exit.status.signal != 0) {
              written["signal"] = exit.status.signal;
            } else {
              written["code"] = exit.status.code;
            }
            return written;
          },
      },
      note);
  return json::serialize(object);
}

std::optional<Note> decode_note(std::string_view payload) {
  const auto object = base::parse_json_object(payload);
  if (!object) return std::nullopt;
  const std::string_view type = base::string_or_empty(*object, "type");
  const std::string id(base::string_or_empty(*object, "id"));
  if (type == "started") return note::Started{int_or(*object, "pid", 0)};
  if (type == "input") return note::InputWritten{id};
  if (type == "input_refused") return note::InputRefused{id};
  if (type == "oversize") return note::Oversize{};
  if (type == "half_line") return note::HalfLine{std::string(base::string_or_empty(*object, "text"))};
  if (type == "output_closed") return note::OutputClosed{};
  if (type == "error_cut") return note::ErrorCut{};
  if (type == "model_call_started") return note::ModelCallStarted{id};
  if (type == "model_call") return model_call_from_json(*object);
  if (type == "limit_reached") {
    return note::LimitReached{std::string(base::string_or_empty(*object, "limit")), int_or(*object, "allowed", 0)};
  }
  if (type != "exit") return std::nullopt;
  return note::Exit{
      .status = {.code = static_cast<int>(int_or(*object, "code", 0)), .signal = static_cast<int>(int_or(*object, "signal", 0))},
      .stderr_tail = std::string(base::string_or_empty(*object, "stderr"))};
}

std::string encode(const ServerMessage& message) {
  return line(std::visit(
      Overloaded{
          [](const message::Hello& hello) {
            return json::object{{"type", "hello"}, {"protocol", hello.protocol}, {"from", hello.from}};
          },
          [](const message::Input& input) { return json::object{{"type", "input"}, {"id", input.id}, {"data", input.data}}; },
          [](const message::CloseInput&) { return json::object{{"type", "close_input"}}; },
          [](const message::Stop& stop) {
            json::object written{{"type", "stop"}};
            if (stop.times) written["times"] = times_to_json(*stop.times);
            return written;
          },
          [](const message::Kill&) { return json::object{{"type", "kill"}}; },
          [](const message::Ack& ack) { return json::object{{"type", "ack"}, {"offset", ack.offset}}; },
          [](const message::Bye&) { return json::object{{"type", "bye"}}; },
      },
      message));
}

Result<ServerMessage> decode_server_message(std::string_view text) {
  OMAKASE_TRY(const json::object object, base::parse_json_object(text));
  const std::string_view type = base::string_or_empty(object, "type");
  if (type == "input") return decode_input(object);
  if (type == "close_input") return message::CloseInput{};
  if (type == "kill") return message::Kill{};
  if (type == "bye") return message::Bye{};
  if (type == "stop") {
    const json::object* times = base::object_or_null(object, "times");
    return message::Stop{times ? std::optional(times_from_json(*times)) : std::nullopt};
  }
  if (type == "ack") {
    OMAKASE_TRY(const std::uint64_t offset, required_offset(object, "offset"));
    return message::Ack{offset};
  }
  if (type == "hello") {
    OMAKASE_TRY(const std::uint64_t from, required_offset(object, "from"));
    return message::Hello{.protocol = static_cast<int>(int_or(object, "protocol", 0)), .from = from};
  }
  return base::invalid("unknown_message", "The runner knows no message \"" + std::string(type) + "\".", "type");
}

std::string encode(const RunnerHello& hello) {
  return line({{"type", "hello"},
               {"protocol", hello.protocol},
               {"runId", hello.run_id},
               {"offset", hello.end},
               {"state", hello.exited ? "exited" : "running"}});
}

std::string encode(const base::Error& error) { return line({{"type", "error"}, {"code", error.code}, {"detail", error.detail}}); }

Result<RunnerHello> decode_runner_hello(std::string_view text) {
  OMAKASE_TRY(const json::object object, base::parse_json_object(text));
  const std::string_view type = base::string_or_empty(object, "type");
  if (type == "error") {
    return base::fail(base::ErrorKind::kUnavailable, std::string(base::string_or_empty(object, "code")),
                      std::string(base::string_or_empty(object, "detail")));
  }
  if (type != "hello") return base::internal("The runner did not greet.");
  OMAKASE_TRY(const std::uint64_t end, required_offset(object, "offset"));
  return RunnerHello{.protocol = static_cast<int>(int_or(object, "protocol", 0)),
                     .run_id = std::string(base::string_or_empty(object, "runId")),
                     .end = end,
                     .exited = base::string_or_empty(object, "state") == "exited"};
}

}  // namespace omakase::runner
