#include "load/posts.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "load/mark.h"

namespace omakase::load {

namespace {

std::string head_of(const Options& options, std::string_view method, const std::string& path,
                    const std::vector<std::string>& headers, const Channel& channel) {
  std::string head =
      std::string(method) + " " + fill(path, channel) + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) + "\r\n";
  for (const std::string& header : headers) head += fill(header, channel) + "\r\n";
  return head;
}

// A request, and where in it the mark goes.
std::pair<std::string, std::size_t> post_request(const Options& options, const Channel& channel) {
  std::string body = fill(options.body, channel);
  const std::size_t place = body.find("{content}");
  if (place == std::string::npos) {
    std::fprintf(stderr, "load: --body has no {content}\n");
    std::exit(2);
  }
  body.replace(place, std::string_view("{content}").size(), std::string(std::max(options.payload, kMarkBytes), 'x'));
  std::string head = head_of(options, "POST", options.post_path, options.post_headers, channel);
  head += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return {head + body, head.size() + place};
}

}  // namespace

std::string read_request(const Options& options, const Channel& channel) {
  return head_of(options, "GET", options.read_path, options.read_headers, channel) + "Accept: text/event-stream\r\n\r\n";
}

Posts::Posts(const Options& options) : by_sender_(options.senders), by_channel_(options.channels.size()) {
  const std::size_t turns = options.senders == 0 ? 0 : std::max(options.senders, options.channels.size());
  for (std::size_t i = 0; i < turns; ++i) {
    const auto channel = static_cast<std::uint32_t>(i % options.channels.size());
    auto [request, mark_at] = post_request(options, options.channels[channel]);
    auto& others = by_channel_[channel];
    Line& line = lines_.emplace_back(channel, static_cast<std::uint32_t>(others.size()), std::move(request), mark_at);
    others.push_back(&line);
    by_sender_[i % options.senders].push_back(&line);
  }
}

}  // namespace omakase::load
