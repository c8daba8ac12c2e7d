// Which sender posts to which channel, and the requests, made once: a post only writes a new mark into one. With more senders
// than channels, several post to each; with fewer, each posts to its channels in turn. A sender in a channel is a line.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "load/options.h"

namespace omakase::load {

struct Line {
  std::uint32_t channel;
  std::uint32_t number;                    // within its channel
  std::string request;                     // with room for a mark
  std::size_t mark_at;                     // in the request
  std::atomic<std::uint32_t> accepted{0};  // messages, and the number of the next one; its sender's thread writes

  Line(std::uint32_t of_channel, std::uint32_t number_in_it, std::string text, std::size_t place)
      : channel(of_channel), number(number_in_it), request(std::move(text)), mark_at(place) {}
};

class Posts {
 public:
  explicit Posts(const Options& options);

  std::vector<Line*> of_sender(std::size_t sender) { return by_sender_[sender]; }
  const std::vector<const Line*>& of_channel(std::size_t channel) const { return by_channel_[channel]; }

 private:
  std::deque<Line> lines_;
  std::vector<std::vector<Line*>> by_sender_;
  std::vector<std::vector<const Line*>> by_channel_;
};

// "GET /path HTTP/1.1" and what belongs to it.
std::string read_request(const Options& options, const Channel& channel);

}  // namespace omakase::load
