#include "runner/sandbox_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "process/fd.h"
#include "runtime/loop.h"

namespace omakase::runner {

namespace {

using std::chrono_literals::operator""ms;

constexpr auto kInterval = 500ms;
// A build may well have many threads in each process.
constexpr std::int64_t kThreadsPerProcess = 8;

// The number after `name` in /proc/PID/status (proc(5)).
std::int64_t field(std::string_view status, std::string_view name) {
  std::size_t at = status.find(name);
  if (at == std::string_view::npos) return 0;
  at = status.find_first_of("0123456789", at + name.size());
  std::int64_t value = 0;
  if (at != std::string_view::npos) std::from_chars(status.data() + at, status.data() + status.size(), value);
  return value;
}

// Whether `proc` is that of the name space which begins with `inside`: while the sandbox is being made, it is the machine's.
bool is_its_own(const std::string& proc, pid_t inside) {
  struct stat first{};
  struct stat its{};
  return stat((proc + "/1/ns/pid").c_str(), &first) == 0 &&
         stat(("/proc/" + std::to_string(inside) + "/ns/pid").c_str(), &its) == 0 && first.st_ino == its.st_ino;
}

}  // namespace

// The sandbox's own /proc lists what is inside and nothing else.
SandboxLoad sandbox_load(pid_t inside) {
  SandboxLoad load;
  const std::string path = "/proc/" + std::to_string(inside) + "/root/proc";
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  if (!folder || !is_its_own(path, inside)) return load;
  while (const dirent* entry = readdir(folder.get())) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    ++load.processes;
    const std::string name = std::string(entry->d_name) + "/status";
    const process::Fd file(openat(dirfd(folder.get()), name.c_str(), O_RDONLY | O_CLOEXEC));
    char buffer[4096];
    const ssize_t got = file ? read(file.get(), buffer, sizeof buffer) : 0;
    const std::string_view status(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
    load.threads += field(status, "\nThreads:");
    load.memory_bytes += field(status, "\nRssAnon:") * 1024;
  }
  return load;
}

std::optional<note::LimitReached> exceeded(const SandboxLoad& load, const SandboxLimits& limits) {
  if (load.processes > limits.processes || load.threads > kThreadsPerProcess * limits.processes) {
    return note::LimitReached{"processes", limits.processes};
  }
  if (load.memory_bytes > limits.memory_bytes) return note::LimitReached{"memory", limits.memory_bytes};
  return std::nullopt;
}

runtime::Task<note::LimitReached> watch_sandbox(pid_t inside, SandboxLimits limits) {
  for (;;) {
    if (auto reached = exceeded(sandbox_load(inside), limits)) co_return *std::move(reached);
    co_await runtime::sleep_for(kInterval);
  }
}

}  // namespace omakase::runner
