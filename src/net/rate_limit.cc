#include "net/rate_limit.h"

#include <algorithm>
#include <iterator>
#include <random>

namespace omakase::net {

namespace {

std::uint64_t random_seed() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random();
}

}  // namespace

RateLimit::RateLimit(std::size_t per_second, std::size_t max_clients)
    : each_(per_second == 0 ? Clock::duration::zero()
                            : Clock::duration(std::chrono::seconds(1)) / static_cast<std::int64_t>(per_second)),
      depth_(each_ * static_cast<std::int64_t>(2 * per_second)),
      max_clients_(max_clients),
      by_client_(0, Scatter{random_seed()}) {}

// The finaliser of splitmix64.
std::size_t RateLimit::Scatter::operator()(std::uint64_t client) const {
  std::uint64_t mixed = client ^ seed;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

bool RateLimit::take(std::uint64_t client, Clock::time_point now) {
  if (each_ == Clock::duration::zero()) return true;
  auto known = by_client_.find(client);
  if (known == by_client_.end()) {
    if (buckets_.size() < max_clients_) {
      buckets_.push_front({client, now});
      known = by_client_.emplace(client, buckets_.begin()).first;
    } else {
      // In the place of the one that was not seen for longest.
      const auto last = std::prev(buckets_.end());
      auto entry = by_client_.extract(last->client);
      buckets_.splice(buckets_.begin(), buckets_, last);
      *last = {client, now};
      entry.key() = client;
      known = by_client_.insert(std::move(entry)).position;
    }
  } else {
    buckets_.splice(buckets_.begin(), buckets_, known->second);
  }
  Bucket& bucket = *known->second;
  const auto full = std::max(bucket.full, now) + each_;
  if (full - now > depth_) return false;
  bucket.full = full;
  return true;
}

}  // namespace omakase::net
