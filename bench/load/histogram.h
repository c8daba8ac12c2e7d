// Times in nanoseconds, counted in buckets of less than 1 % of their value (an exponent and seven bits, as HdrHistogram does
// it): a time costs a few nanoseconds to count, any number of them takes 60 KiB, and those of several threads add up. One
// thread writes; whoever merges does so when that thread has ended.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace omakase::load {

class Histogram {
 public:
  void add(std::int64_t nanoseconds) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
    ++counts_[bucket(value)];
    ++total_;
    highest_ = std::max(highest_, value);
  }

  void merge(const Histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
    highest_ = std::max(highest_, other.highest_);
  }

  std::uint64_t total() const { return total_; }
  std::uint64_t highest() const { return highest_; }

  // The time that this share of all stays within: the upper end of its bucket, never more than the highest. 0 without any.
  std::uint64_t quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total_)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size() && total_ > 0; ++i) {
      seen += counts_[i];
      if (seen >= std::max<std::uint64_t>(wanted, 1)) return std::min(upper_end(i), highest_);
    }
    return highest_;
  }

 private:
  static constexpr unsigned kBits = 7;
  static constexpr std::size_t kSteps = 1 << kBits;

  // Below 2 * kSteps each value has a bucket of its own; above, each power of two has kSteps of them.
  static std::size_t bucket(std::uint64_t value) {
    const unsigned width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kBits + 1) return value;
    const unsigned shift = width - kBits - 1;
    return shift * kSteps + (value >> shift);
  }

  static std::uint64_t upper_end(std::size_t bucket) {
    if (bucket < 2 * kSteps) return bucket;
    const unsigned shift = static_cast<unsigned>(bucket / kSteps) - 1;
    return ((bucket - shift * kSteps + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - kBits + 1) * kSteps> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t highest_ = 0;
};

}  // namespace omakase::load
