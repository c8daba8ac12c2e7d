// Time as the domain sees it: microseconds of UTC since 1970, and the text form of the contract.
// A Clock is passed by reference by whoever needs the time, so that tests hold it in their hand. Any thread.
// Timestamps run from year 0001 to 9999; text order is time order.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace omakase::base {

struct Timestamp {
  std::int64_t micros = 0;  // since 1970-01-01T00:00:00Z
  auto operator<=>(const Timestamp&) const = default;
};

// "2026-01-31T09:05:07.000123Z": RFC 3339, UTC, always six fractional digits.
std::string format(Timestamp timestamp);

// Reads what format() writes, also with fewer or no fractional digits. Anything else, trailing text included, is nullopt.
std::optional<Timestamp> parse_timestamp(std::string_view text);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = {1'767'225'600'000'000}) : micros_(start.micros) {}
  Timestamp now() const override { return {micros_.load()}; }
  void advance(std::int64_t micros) { micros_ += micros; }

 private:
  std::atomic<std::int64_t> micros_;
};

}  // namespace omakase::base
