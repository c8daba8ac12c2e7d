// What one thread has counted. The delivered, the acknowledged and their times are those of the measured span; what went wrong
// is of the whole run.
#pragma once

#include <cstdint>
#include <map>

#include "load/histogram.h"
#include "load/tally.h"

namespace omakase::load {

struct Counts {
  Histogram connecting;     // from the first packet until the reader counts as connected
  Histogram delivery;       // from when it was to be posted until a reader has it
  Histogram acknowledging;  // from when it was to be posted until its sender has the answer

  std::uint64_t delivered = 0;  // events, of each reader
  std::uint64_t delivered_bytes = 0;
  std::uint64_t acknowledged = 0;

  std::uint64_t accepted = 0;  // messages with a 2xx, in all
  std::uint64_t replayed = 0;  // events of an earlier session
  Faults faults;
  std::uint64_t cut = 0;                  // streams that ended before their reader did
  std::uint64_t refused = 0;              // streams that did not start
  std::uint64_t unanswered = 0;           // posts whose connection ended: stored or not
  std::map<int, std::uint64_t> statuses;  // of posts, and of streams other than 200

  void add(const Counts& other) {
    connecting.merge(other.connecting);
    delivery.merge(other.delivery);
    acknowledging.merge(other.acknowledging);
    delivered += other.delivered;
    delivered_bytes += other.delivered_bytes;
    acknowledged += other.acknowledged;
    accepted += other.accepted;
    replayed += other.replayed;
    faults.add(other.faults);
    cut += other.cut;
    refused += other.refused;
    unanswered += other.unanswered;
    for (const auto& [status, times] : other.statuses) statuses[status] += times;
  }
};

}  // namespace omakase::load
