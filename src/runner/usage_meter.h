// Counts the tokens of one answer of the model while it passes by: from the events of a stream (Messages API, message_start and
// message_delta), or from a whole answer. What it cannot read counts nothing. Pure; the bytes are the model server's, hostile.
// Source: https://docs.anthropic.com/en/api/messages-streaming, and measured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "net/sse.h"

namespace omakase::runner {

class UsageMeter {
 public:
  struct Usage {
    std::string model;
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::int64_t cache_read_tokens = 0;
    std::int64_t cache_write_tokens = 0;
    std::string error;      // the message of an `error` event
    bool complete = false;  // the answer came to its end
  };

  UsageMeter();
  UsageMeter(const UsageMeter&) = delete;
  UsageMeter& operator=(const UsageMeter&) = delete;

  void feed_events(std::string_view bytes);
  void read_message(std::string_view body);

  const Usage& usage() const { return usage_; }

 private:
  void on_event(const net::SseEvent& event);
  void count(const base::json::object& usage);

  Usage usage_;
  net::SseReader events_;
  bool readable_ = true;
};

// The model that a request asks for, or "".
std::string requested_model(std::string_view body);

}  // namespace omakase::runner
