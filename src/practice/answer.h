// A step in the form of the wire: the events of a streamed answer with the time between them, and the whole message for a request
// that wants no stream. Pure but for new ids; any thread.
// Source of the events: the Messages API, https://docs.anthropic.com/en/api/messages-streaming
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "practice/conversation.h"
#include "practice/step.h"

namespace omakase::practice {

// What happens next in an answer: the pause, then one of the others.
struct Beat {
  enum class Kind { kEvent, kError, kHold, kHang, kCut };
  Kind kind = Kind::kEvent;
  milliseconds pause{0};
  std::string text;  // the event as it is sent (of kEvent and kError), or the name that is waited for (of kHold)
};

struct Answer {
  std::vector<Beat> beats;
  json::object message;
};

Answer compose(const Step& step, const Conversation& conversation, std::size_t request_bytes, milliseconds pace,
               base::Timestamp now);

// `{"type":"error","error":{"type":…,"message":…}}`.
json::object error_body(std::string_view type, std::string_view message);

// The error's type that belongs to an HTTP status, and the other way round (500 for a type of no known status).
std::string_view error_type(int status);
int error_status(std::string_view type);

// The pieces in which a text is streamed: words with the blanks that follow them, or 4 KiB each when it is very long.
std::vector<std::string_view> pieces_of(std::string_view text);

}  // namespace omakase::practice
