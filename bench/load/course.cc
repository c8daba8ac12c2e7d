#include "load/course.h"

#include <sys/eventfd.h>
#include <time.h>

namespace omakase::load {

void Course::done(Step with) {
  if (open[static_cast<std::size_t>(with)].fetch_sub(1) == 1) eventfd_write(news, 1);
}

std::int64_t now_ns() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace omakase::load
