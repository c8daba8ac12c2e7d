#include "net/sse.h"

#include <charconv>

namespace omakase::net {

namespace {
constexpr std::size_t kMaxEventBytes = 64 * 1024 * 1024;
}

void append_event(std::string& out, std::string_view event, std::string_view data, std::string_view id) {
  if (!event.empty()) {
    out += "event: ";
    out += event;
    out.push_back('\n');
  }
  out += "data: ";
  out += data;
  out.push_back('\n');
  if (!id.empty()) {
    out += "id: ";
    out += id;
    out.push_back('\n');
  }
  out.push_back('\n');
}

void append_preamble(std::string& out, int retry_ms) {
  out += "retry: ";
  out += std::to_string(retry_ms);
  out += "\n: connected\n\n";
}

bool SseReader::feed(std::string_view bytes) {
  for (char c : bytes) {
    if (after_cr_ && c == '\n') {
      after_cr_ = false;
      continue;
    }
    after_cr_ = c == '\r';
    if (c == '\n' || c == '\r') {
      end_of_line();
    } else if (line_.size() + data_.size() < kMaxEventBytes) {
      line_.push_back(c);
    } else {
      return false;
    }
  }
  return true;
}

void SseReader::end_of_line() {
  if (line_.empty()) {
    if (!data_.empty()) {
      data_.pop_back();  // the line feed after the last line
      on_event_({event_.empty() ? "message" : event_, data_, last_id_});
    }
    event_.clear();
    data_.clear();
    return;
  }
  const std::size_t colon = line_.find(':');
  const std::string_view name = std::string_view(line_).substr(0, colon);
  std::string_view value = colon == std::string::npos ? std::string_view() : std::string_view(line_).substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    data_.append(value).push_back('\n');
  } else if (name == "event") {
    event_ = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) last_id_ = value;
  } else if (name == "retry") {
    int number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc() && end == value.data() + value.size()) retry_ms_ = number;
  }
  line_.clear();
}

}  // namespace omakase::net
