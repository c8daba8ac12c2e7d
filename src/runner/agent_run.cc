#include "runner/agent_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "base/json.h"
#include "base/log.h"
#include "runner/runner.h"
#include "runtime/loop.h"

namespace omakase::runner {

namespace {

namespace json = base::json;
using base::Result;
using process::Fd;

constexpr rlim_t kMaxFile = rlim_t{64} << 30;
// Of all processes of this user on this machine: far above what people have, far below what ends a machine.
constexpr rlim_t kMaxProcessesOfUser = 20'000;
constexpr std::size_t kMaxSecrets = std::size_t{1} << 20;

Result<std::string> folder_argument(std::span<const std::string> arguments) {
  if (arguments.size() == 2 && arguments[0] == "--dir") return arguments[1];
  return base::invalid("usage", "Usage: omakase agent-run --dir DIR.");
}

// Up to the end of the line, byte by byte from the pipe: nothing of it stays in a buffer of the library.
Result<Secrets> read_secrets(int fd) {
  std::string line;
  for (char byte = 0; line.size() < kMaxSecrets;) {
    const ssize_t got = read(fd, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || byte == '\n') break;
    line += byte;
  }
  auto secrets = decode_secrets(line);
  explicit_bzero(line.data(), line.size());
  return secrets;
}

bool print_line(const json::object& object) {
  const std::string line = json::serialize(object) + "\n";
  return write(STDOUT_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

int report(const base::Error& error) {
  print_line({{"error", {{"code", error.code}, {"detail", error.detail}}}});
  return 1;
}

void limit(decltype(RLIMIT_CORE) what, rlim_t most) {
  rlimit now{};
  if (getrlimit(what, &now) != 0 || now.rlim_max <= most) return;
  const rlimit wanted{most, most};
  setrlimit(what, &wanted);
}

// Leaves the caller's process group and session behind; the first process ends at once.
void become_daemon() {
  const pid_t pid = fork();
  if (pid > 0) _exit(0);
  setsid();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  // No core file and no debugger of the same user: the secrets are in this memory.
  prctl(PR_SET_DUMPABLE, 0);
}

// For this process and all that it starts. The last does not bind root's processes: sandbox_watch.h looks after them.
void set_limits() {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, kMaxFile);
  limit(RLIMIT_NPROC, kMaxProcessesOfUser);
}

void redirect(int to, const Fd& from) {
  if (from) dup2(from.get(), to);
}

Result<void> close_standard_streams(const RunnerFolder& folder) {
  OMAKASE_TRY(const Fd log, folder.open_file(RunnerFolder::kLog, O_WRONLY | O_CREAT | O_APPEND));
  redirect(STDERR_FILENO, log);
  redirect(STDIN_FILENO, Fd(open("/dev/null", O_RDWR | O_CLOEXEC)));
  return {};
}

// Tells the launcher, and lets go of its pipe. A launcher that has given up is no longer there to be told.
bool tell_ready() {
  const bool told = print_line({{"pid", getpid()}});
  redirect(STDOUT_FILENO, Fd(open("/dev/null", O_RDWR | O_CLOEXEC)));
  return told;
}

// A folder whose agent could not be started may be tried again.
void leave_unused(const RunnerFolder& folder) {
  for (const char* name : {RunnerFolder::kSpool, RunnerFolder::kSocket, RunnerFolder::kPid}) folder.remove(name);
}

int hold(const RunnerFolder& folder, Fd lock, const RunnerSpec& spec, const Secrets& secrets) {
  runtime::Loop loop;
  const base::SystemClock clock;
  auto spool = Spool::create(folder, loop.executor(), clock);
  if (!spool) return report(spool.error());
  Runner runner(loop.executor(), clock, folder, std::move(lock), spec, *std::move(spool));
  if (const auto started = runtime::run_task(loop, runner.start(secrets)); !started) {
    leave_unused(folder);
    return report(started.error());
  }
  if (!tell_ready()) {
    leave_unused(folder);
    return 1;
  }
  runtime::run_task(loop, runner.run());
  return 0;
}

}  // namespace

int run_agent_run(std::span<const std::string> arguments) {
  umask(077);
  const auto path = folder_argument(arguments);
  if (!path) return report(path.error());
  const auto folder = RunnerFolder::open(*path);
  if (!folder) return report(folder.error());
  const auto text = folder->read(RunnerFolder::kSpec);
  if (!text) return report(text.error());
  const auto spec = decode_spec(*text);
  if (!spec) return report(spec.error());
  const auto secrets = read_secrets(STDIN_FILENO);
  if (!secrets) return report(secrets.error());
  auto lock = folder->lock();
  if (!lock) return report(lock.error());
  become_daemon();
  set_limits();
  if (const auto closed = close_standard_streams(*folder); !closed) return report(closed.error());
  return hold(*folder, *std::move(lock), *spec, *secrets);
}

}  // namespace omakase::runner
