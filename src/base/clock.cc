#include "base/clock.h"

#include <chrono>
#include <cstdio>

namespace omakase::base {

namespace {

using std::chrono::day;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year;
using std::chrono::year_month_day;

// Reads `width` digits at `at` and moves past them; -1 when there are fewer.
int digits(std::string_view text, std::size_t& at, int width) {
  int value = 0;
  for (int i = 0; i < width; ++i, ++at) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') return -1;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool literal(std::string_view text, std::size_t& at, char expected) { return at < text.size() && text[at++] == expected; }

}  // namespace

std::string format(Timestamp timestamp) {
  const sys_time<microseconds> point{microseconds(timestamp.micros)};
  const auto date = floor<std::chrono::days>(point);
  const year_month_day ymd{date};
  const std::chrono::hh_mm_ss time{point - date};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  std::size_t at = 0;
  const int y = digits(text, at, 4);
  if (y < 0 || !literal(text, at, '-')) return std::nullopt;
  const int mo = digits(text, at, 2);
  if (mo < 0 || !literal(text, at, '-')) return std::nullopt;
  const int d = digits(text, at, 2);
  if (d < 0 || !literal(text, at, 'T')) return std::nullopt;
  const int h = digits(text, at, 2);
  if (h < 0 || h > 23 || !literal(text, at, ':')) return std::nullopt;
  const int mi = digits(text, at, 2);
  if (mi < 0 || mi > 59 || !literal(text, at, ':')) return std::nullopt;
  const int s = digits(text, at, 2);
  if (s < 0 || s > 59) return std::nullopt;
  int fraction = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    int scale = 100'000;
    const std::size_t first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) fraction += (text[at] - '0') * scale;
    if (at == first || at - first > 6) return std::nullopt;
  }
  if (!literal(text, at, 'Z') || at != text.size()) return std::nullopt;
  const year_month_day ymd{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
  if (!ymd.ok()) return std::nullopt;
  const auto point = sys_days(ymd) + hours(h) + minutes(mi) + seconds(s) + microseconds(fraction);
  return Timestamp{std::chrono::duration_cast<microseconds>(point.time_since_epoch()).count()};
}

Timestamp SystemClock::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<microseconds>(since).count()};
}

}  // namespace omakase::base
