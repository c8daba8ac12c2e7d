// Processor time and memory of a process and everything that it started, as the kernel counts them (proc(5)).
#pragma once

#include <cstdint>

namespace omakase::load {

struct Usage {
  double processor_s = 0;
  std::uint64_t private_kb = 0;   // shared with no other process
  std::uint64_t resident_kb = 0;  // in all, what several of them share counted for each
};

// All of it; the private memory takes the kernel milliseconds of a large process.
Usage usage_of_tree(int pid);

// Only its resident memory, cheap enough for ten times a second.
std::uint64_t resident_kb_of_tree(int pid);

}  // namespace omakase::load
