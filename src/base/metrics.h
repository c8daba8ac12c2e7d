// Numbers that tell an operator how the server does, and their text: the Prometheus exposition format 0.0.4
// (docs/adr/0018-metrics.md). Counters are plain integers where one thread keeps them; a Histogram takes observations from any
// thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace omakase::base {

// Observations in buckets, each up to and including its bound; what is beyond the last is counted too. Values of a unit that its
// user chooses; their sum is kept as an integer of it.
template <std::size_t N>
class Histogram {
 public:
  explicit Histogram(std::array<std::uint64_t, N> bounds) : bounds_(bounds) {}

  void observe(std::uint64_t value) {
    std::size_t bucket = 0;
    while (bucket < N && value > bounds_[bucket]) ++bucket;
    counts_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  const std::array<std::uint64_t, N>& bounds() const { return bounds_; }
  std::uint64_t count(std::size_t bucket) const { return counts_[bucket].load(std::memory_order_relaxed); }
  std::uint64_t sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::array<std::uint64_t, N> bounds_;
  std::array<std::atomic<std::uint64_t>, N + 1> counts_{};
  std::atomic<std::uint64_t> sum_ = 0;
};

class MetricsText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Begins a metric; its samples follow.
  void counter(std::string_view name, std::string_view help) { begin(name, "counter", help); }
  void gauge(std::string_view name, std::string_view help) { begin(name, "gauge", help); }

  void sample(double value, Labels labels = {}) { sample("", value, labels); }

  // A whole metric; `scale` makes of the histogram's unit that of the metric.
  template <std::size_t N>
  void histogram(std::string_view name, std::string_view help, const Histogram<N>& values, double scale = 1) {
    begin(name, "histogram", help);
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < N; ++i) {
      so_far += values.count(i);
      sample("_bucket", static_cast<double>(so_far), {{"le", number(static_cast<double>(values.bounds()[i]) * scale)}});
    }
    so_far += values.count(N);
    sample("_bucket", static_cast<double>(so_far), {{"le", "+Inf"}});
    sample("_sum", static_cast<double>(values.sum()) * scale, {});
    sample("_count", static_cast<double>(so_far), {});
  }

  std::string take() { return std::move(text_); }

 private:
  static std::string number(double value);
  void begin(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view suffix, double value, Labels labels);

  std::string text_;
  std::string name_;
};

}  // namespace omakase::base
