// What a store's writing has come to since it was opened. Kept by the thread that writes; read from any.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/metrics.h"

namespace omakase::store {

struct WriteCounts {
  // Of the transactions that were committed: microseconds from their begin to their end on disk, and changes in each.
  base::Histogram<12> commit_us{{100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000}};
  base::Histogram<10> group_size{{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}};
  std::atomic<std::uint64_t> failed_commits = 0;
  std::atomic<std::uint64_t> messages = 0;  // stored
  std::atomic<std::uint64_t> checkpoints = 0;
  std::atomic<std::uint64_t> log_pages = 0;  // of 4 KiB that wait for a checkpoint
  std::atomic<bool> disk_full = false;       // the last commit found no space
};

}  // namespace omakase::store
