// What runner and server say to each other, version 2; pure, both sides use it. Version 1 had no model calls and no limits.
//
// The spool, on disk and on the wire, is a sequence of records: "<kind> <length> <micros>\n", `length` bytes, "\n". An offset
// counts bytes from the spool's beginning, and is always the end of a record. Kinds: `out` a line of the agent's standard output,
// `err` a piece of its standard error, `note` JSON of the runner's own (Note). micros: UTC since 1970, by the runner's clock.
//
// On the socket the server writes JSON lines (ServerMessage), Hello first. The runner answers one JSON line (RunnerHello), then
// the spool's bytes from `from` on, for ever. A version is a promise: a new server speaks with the runners of the one before it.
// The agent can write anything into a payload; only the framing is the runner's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "process/child.h"

namespace omakase::runner {

inline constexpr int kProtocol = 2;
inline constexpr int kPreviousProtocol = 1;

// The longest line that the agent may write, and that the server may send.
inline constexpr std::size_t kMaxPayload = std::size_t{64} << 20;
inline constexpr std::size_t kMaxMessage = std::size_t{40} << 20;

enum class RecordKind { kOut, kErr, kNote };

struct Record {
  RecordKind kind = RecordKind::kOut;
  std::string payload;
  std::int64_t micros = 0;
  std::uint64_t end_offset = 0;  // resume from here once this record is stored
};

std::string record_header(RecordKind kind, std::size_t length, std::int64_t micros);

// Cuts the spool's bytes, in whatever chunks, into records. An error is final: the bytes are no spool.
class RecordDecoder {
 public:
  explicit RecordDecoder(std::uint64_t from) : offset_(from) {}

  void push(std::string_view bytes) { held_.append(bytes); }
  base::Result<std::optional<Record>> next();

 private:
  std::uint64_t offset_;
  std::string held_;
  std::size_t used_ = 0;  // bytes of held_ that are decoded
};

// What the runner notes between the agent's lines.
namespace note {
struct Started {
  std::int64_t pid = 0;
};
struct InputWritten {  // the line with this id is whole in the agent's standard input
  std::string id;
};
struct InputRefused {  // too much is waiting; it may be sent again later
  std::string id;
};
struct Oversize {};  // a line longer than kMaxPayload was dropped
struct HalfLine {    // the output ended within a line; its beginning, valid UTF-8
  std::string text;
};
struct OutputClosed {};    // the agent closed its standard output and lives
struct ErrorCut {};        // its standard error is no longer kept, but for the end of it
struct ModelCallStarted {  // the agent asked its model, through the relay
  std::string id;
};
struct ModelCall {  // that call's end, whole or cut
  std::string id;
  std::string model;
  int status = 0;  // of the answer's head; 0: none came
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;
  std::int64_t started_micros = 0;
  std::int64_t ended_micros = 0;
  std::string error;  // what went wrong, in words; empty: nothing

  bool operator==(const ModelCall&) const = default;
};
struct LimitReached {  // the sandbox held more than it may, and was ended for it
  std::string limit;   // "processes" or "memory"
  std::int64_t allowed = 0;
};
struct Exit {  // the last record of a spool
  process::ExitStatus status;
  std::string stderr_tail;  // at most 64 KB, valid UTF-8
};
}  // namespace note

using Note =
    std::variant<note::Started, note::InputWritten, note::InputRefused, note::Oversize, note::HalfLine, note::OutputClosed,
                 note::ErrorCut, note::ModelCallStarted, note::ModelCall, note::LimitReached, note::Exit>;

std::string encode(const Note& note);
// nullopt: a kind of note that this version does not know.
std::optional<Note> decode_note(std::string_view payload);

// How long each step of ending an agent may take before the next: its interrupt line, the end of its input, SIGTERM; then
// SIGKILL. An agent that is interrupted and finds its input at an end finishes cleanly at once; more time between the two is for
// one that would take the end for the more urgent.
struct StopTimes {
  std::chrono::milliseconds interrupt{0};
  std::chrono::milliseconds close{6000};
  std::chrono::milliseconds term{2000};

  bool operator==(const StopTimes&) const = default;
};

namespace message {
struct Hello {
  int protocol = kProtocol;
  std::uint64_t from = 0;
};
struct Input {  // a line for the agent, without newline; an id that was accepted before changes nothing
  std::string id;
  std::string data;
};
struct CloseInput {};  // after what waits is written
struct Stop {
  std::optional<StopTimes> times;  // instead of the spec's
};
struct Kill {};
struct Ack {  // the server will never ask for what is before this offset; the runner may forget it
  std::uint64_t offset = 0;
};
struct Bye {};  // the server has read `exit`: the runner ends
}  // namespace message

using ServerMessage =
    std::variant<message::Hello, message::Input, message::CloseInput, message::Stop, message::Kill, message::Ack, message::Bye>;

// One line, with its newline.
std::string encode(const ServerMessage& message);
base::Result<ServerMessage> decode_server_message(std::string_view line);

struct RunnerHello {
  int protocol = kProtocol;
  std::string run_id;
  std::uint64_t end = 0;  // of the spool, now
  bool exited = false;
};

std::string encode(const RunnerHello& hello);
// The line that refuses a connection.
std::string encode(const base::Error& error);
// A refusal comes as the error that it tells.
base::Result<RunnerHello> decode_runner_hello(std::string_view line);

}  // namespace omakase::runner
