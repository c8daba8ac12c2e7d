// Lines that wait to be written to the agent, in order, each id once for ever. Owned by HeldAgent; pure.
// Bounded in bytes (kMaxWaiting): what does not fit is refused and may come again.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace omakase::runner {

class InputQueue {
 public:
  static constexpr std::size_t kMaxWaiting = std::size_t{16} << 20;

  struct Input {
    std::string id;  // empty: the runner's own
    std::string line;
  };

  enum class Accepted { kNew, kKnown, kFull };

  Accepted add(std::string id, std::string line) {
    if (known_.contains(id)) return Accepted::kKnown;
    // A single line may be longer than the bound; it then waits alone.
    if (!waiting_.empty() && bytes_ + line.size() > kMaxWaiting) return Accepted::kFull;
    known_.insert(id);
    push({std::move(id), std::move(line)});
    return Accepted::kNew;
  }

  // Drops what waits and puts this line in its place.
  void replace_all(std::string line) {
    waiting_.clear();
    bytes_ = 0;
    if (!line.empty()) push({"", std::move(line)});
  }

  bool empty() const { return waiting_.empty(); }

  Input take() {
    Input input = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= input.line.size();
    return input;
  }

 private:
  void push(Input input) {
    bytes_ += input.line.size();
    waiting_.push_back(std::move(input));
  }

  std::deque<Input> waiting_;
  std::size_t bytes_ = 0;
  std::unordered_set<std::string> known_;
};

}  // namespace omakase::runner
