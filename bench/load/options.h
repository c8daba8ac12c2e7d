// What one run of the load generator does, from its flags. A template's {channel} and {token} are a channel's, {content} is a
// mark and as much filling as `payload` says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace omakase::load {

struct Channel {
  std::string id;
  std::string token;
};

struct Options {
  std::uint16_t port = 0;  // on 127.0.0.1, and nowhere else
  std::size_t threads = 1;

  std::vector<Channel> channels;
  std::string read_path = "/{channel}";
  std::vector<std::string> read_headers;
  std::size_t readers = 0;
  std::size_t stalled = 0;       // readers that take the head and nothing more
  std::size_t ready_events = 0;  // a reader counts as connected once it has had that many
  std::size_t opening = 64;      // connections being opened at once

  std::string post_path = "/{channel}";
  std::vector<std::string> post_headers;
  std::string body = "{content}";
  std::size_t payload = 100;
  std::size_t senders = 0;
  double rate = 0;          // messages per second of all senders, due at their times whatever the answers take; 0: each sender
                            // posts when it has its answer
  std::uint64_t count = 0;  // ends after so many messages; 0: after `seconds`

  double warm_up_s = 1;  // not with a count
  double seconds = 5;    // measured; with a count, the limit
  double drain_s = 10;
  int watch_pid = 0;  // whose processor time and memory, with its children's, are told; 0: nobody's
};

// Ends the program with a message where they are wrong or ask for help.
Options read_options(int argc, char** argv);

std::string fill(std::string text, const Channel& channel);

}  // namespace omakase::load
