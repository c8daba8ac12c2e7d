// How many requests a second each client may make: a token bucket for each, which fills at `per_second` and holds twice that. A
// bucket is one moment, when it will be full again, so that a client that has been away long enough need not be remembered. At
// most `max_clients` are: the one not seen for longest is forgotten, and so starts with a full bucket. Lives on one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <unordered_map>

namespace omakase::net {

// A limit for each client: how many it may have, of whatever it is.
struct ClientLimit {
  std::size_t most = 0;        // 0: any number
  bool for_local_too = false;  // whether it holds for this machine's own programs
};

class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMaxClients = 65'536;

  // `per_second` 0: no limit.
  explicit RateLimit(std::size_t per_second, std::size_t max_clients = kMaxClients);

  // Whether this client may make a request now; if so, it is counted. Otherwise the next one is free within a second.
  bool take(std::uint64_t client, Clock::time_point now);

  std::size_t clients() const { return buckets_.size(); }

 private:
  struct Bucket {
    std::uint64_t client;
    Clock::time_point full;
  };
  // Strangers choose their addresses, but not where these fall in the table.
  struct Scatter {
    std::uint64_t seed;
    std::size_t operator()(std::uint64_t client) const;
  };

  Clock::duration each_;   // what one request costs
  Clock::duration depth_;  // what the bucket holds
  std::size_t max_clients_;
  std::list<Bucket> buckets_;  // the last seen first
  std::unordered_map<std::uint64_t, std::list<Bucket>::iterator, Scatter> by_client_;
};

}  // namespace omakase::net
