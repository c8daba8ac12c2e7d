// One run from its first connection to its figures: leads the workers through the steps and watches the server meanwhile.
#pragma once

#include <cstddef>

#include "load/counts.h"
#include "load/options.h"
#include "load/usage.h"

namespace omakase::load {

struct Outcome {
  Counts counts;
  double connect_s = 0;  // until all readers and senders stood
  double measured_s = 0;
  bool connected = false;  // each connection stood or was refused within a minute
  bool answered = false;   // each post was, within the drain time
  bool delivered = false;  // everything accepted reached each reader that was still there
  Usage before;            // the server's, before the first connection
  Usage measured_from;     // as the measured span began
  Usage measured_until;
  std::size_t peak_resident_kb = 0;  // during it
  double own_processor_s = 0;        // of this program during it
};

Outcome run(const Options& options);

}  // namespace omakase::load
