// Splits a stream of Server-Sent Events, in place and without a copy: nothing is kept between two calls, so that ten thousand
// readers cost no buffer while they have nothing half read. Bytes are the measured server's: no size is trusted, and the caller
// limits what an unfinished event may take.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace omakase::load {

struct Event {
  std::string_view name;  // empty: "message"
  std::string_view data;  // from the first data line's value to the last one's end; what is between them is raw
};

// Calls `see` for each whole event with data in `bytes`; answers how many bytes were used. The rest, the start of an event that
// is not whole, comes again in front of what follows it.
template <typename See>
std::size_t split_events(std::string_view bytes, See see) {
  std::size_t used = 0;
  Event event;
  for (std::size_t at = 0; at < bytes.size();) {
    const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
    if (!found) break;
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    std::string_view line = bytes.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
      if (event.data.data()) see(event);
      event = {};
      used = at;
    } else if (line.starts_with("data:")) {
      line.remove_prefix(line.size() > 5 && line[5] == ' ' ? 6 : 5);
      const char* start = event.data.data() ? event.data.data() : line.data();
      event.data = {start, static_cast<std::size_t>(line.data() + line.size() - start)};
    } else if (line.starts_with("event:")) {
      line.remove_prefix(line.size() > 6 && line[6] == ' ' ? 7 : 6);
      event.name = line;
    }
  }
  return used;
}

}  // namespace omakase::load
