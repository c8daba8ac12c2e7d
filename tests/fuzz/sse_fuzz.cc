// Whatever a stream holds, its events are the same in whatever pieces it comes; and what is written as an event is read back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/sse.h"

namespace omakase {
namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string> read(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> seen;
  net::SseReader reader([&](const net::SseEvent& event) {
    must(event.id.find('\0') == std::string::npos && event.event.find_first_of("\r\n") == std::string::npos);
    seen.insert(seen.end(), {event.event, event.data, event.id});
  });
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) must(reader.feed(bytes.substr(0, piece)));
  return seen;
}

void write_and_read(std::string_view bytes) {
  std::string data(bytes);
  std::erase_if(data, [](char c) { return c == '\r' || c == '\n'; });
  std::string text;
  net::append_preamble(text, 1000);
  net::append_event(text, "ping", data, "7");
  const auto seen = read(text, 3);
  must(seen == std::vector<std::string>{"ping", data, "7"});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  must(read(bytes, 1) == read(bytes, std::max<std::size_t>(size, 1)));
  write_and_read(bytes);
  return 0;
}

}  // namespace omakase
