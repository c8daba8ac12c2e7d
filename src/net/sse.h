// Server-Sent Events as text: written by the server, read by the client (command line, tests). Pure; any thread.
// Source: the HTML standard, "Server-sent events", https://html.spec.whatwg.org/multipage/server-sent-events.html
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace omakase::net {

// Appends one event. `event` and `id` may be empty (left out) and must not contain CR, LF or NUL; `data` must not contain CR or
// LF (JSON never does). The id is written only for stored events: it moves the reader's cursor.
void append_event(std::string& out, std::string_view event, std::string_view data, std::string_view id = {});

// Appends the beginning of every stream: a first byte for proxies, and how long a browser waits before it reconnects.
void append_preamble(std::string& out, int retry_ms);

struct SseEvent {
  std::string event;  // "message" when the stream named none
  std::string data;
  std::string id;  // the last id seen so far
};

// Takes bytes as they come, in any chunks, and gives whole events. Lines end by LF, CRLF or CR. A line or event of more than 64
// MiB is cut off: feed() then returns false and the stream should be closed.
class SseReader {
 public:
  using OnEvent = std::function<void(const SseEvent&)>;
  explicit SseReader(OnEvent on_event) : on_event_(std::move(on_event)) {}

  bool feed(std::string_view bytes);
  std::optional<int> retry_ms() const { return retry_ms_; }
  const std::string& last_id() const { return last_id_; }

 private:
  void end_of_line();

  OnEvent on_event_;
  std::string line_;
  std::string event_;
  std::string data_;
  std::string last_id_;
  std::optional<int> retry_ms_;
  bool after_cr_ = false;
};

}  // namespace omakase::net
