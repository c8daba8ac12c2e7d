// How long this disk takes to hold on to a record: appends 300 bytes and calls fdatasync, again and again, in the folder that is
// named, for so many seconds. Prints one line of JSON; the file is gone after.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "load/course.h"
#include "load/histogram.h"

int main(int argc, char** argv) {
  using omakase::load::now_ns;
  const std::string file = std::string(argc > 1 ? argv[1] : ".") + "/disk_sync";
  const std::int64_t until = now_ns() + static_cast<std::int64_t>((argc > 2 ? std::atof(argv[2]) : 1.0) * 1e9);
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  unlink(file.c_str());
  const std::string record(300, 'x');
  omakase::load::Histogram times;
  while (fd >= 0 && now_ns() < until) {
    const std::int64_t start = now_ns();
    if (write(fd, record.data(), record.size()) < 0 || fdatasync(fd) != 0) break;
    times.add(now_ns() - start);
  }
  if (times.total() == 0) {
    std::fprintf(stderr, "disk_sync: cannot write in %s\n", argc > 1 ? argv[1] : ".");
    return 1;
  }
  const auto us = [&](double share) { return static_cast<double>(times.quantile(share)) / 1000; };
  std::printf(R"({"p50":%.1f,"p99":%.1f,"of":%llu})"
              "\n",
              us(0.5), us(0.99), static_cast<unsigned long long>(times.total()));
}
