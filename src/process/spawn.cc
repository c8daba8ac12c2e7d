#include "process/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "base/text.h"

namespace omakase::process {

namespace {

using base::ErrorKind;
using base::Result;

// Everything that the child needs between vfork and exec, prepared so that it only makes system calls.
struct Plan {
  const char* program;
  char* const* argv;
  char* const* environment;
  const char* folder;  // or nullptr
  int input;
  int output;
  int error;
  int report;  // closed by exec; an errno is written to it otherwise
  std::span<const Fd> passed;
  bool die_with_parent;
  pid_t parent;
};

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction action{};
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_DFL) signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool prepare(const Plan& plan) {
  if (setsid() < 0) return false;
  if (plan.die_with_parent) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
    if (getppid() != plan.parent) _exit(127);  // it ended before we asked
  }
  if (plan.folder && chdir(plan.folder) != 0) return false;
  if (dup2(plan.input, 0) < 0 || dup2(plan.output, 1) < 0 || dup2(plan.error, 2) < 0) return false;
  int last = 2;
  for (const Fd& passed : plan.passed) {
    if (dup2(passed.get(), ++last) < 0) return false;
  }
  return syscall(SYS_close_range, last + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

[[noreturn]] void become(const Plan& plan) {
  reset_signals();
  if (prepare(plan)) execve(plan.program, plan.argv, plan.environment);
  const int code = errno;
  [[maybe_unused]] const ssize_t told = write(plan.report, &code, sizeof code);
  _exit(127);
}

// vfork in a function of its own: the child borrows this stack frame until it execs. posix_spawn can neither watch the parent nor
// close what it does not know of, and fork copies the page tables of a server that may be large.
[[gnu::noinline]] pid_t start(const Plan& plan) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // no handler of ours may run in the child
  const pid_t pid = vfork();                    // NOLINT(bugprone-unsafe-functions)
  if (pid == 0) become(plan);
  const int code = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = code;
  return pid;
}

struct Pipe {
  Fd read;
  Fd write;
};

base::Failure no_descriptor() {
  return base::fail(ErrorKind::kUnavailable, "spawn_failed", "No descriptor is left to start a program with.");
}

// From `lowest` up, so that the child's dup2 never overwrites one that it still needs.
Result<Fd> lift(Fd fd, int lowest) {
  if (fd.get() < lowest) fd = Fd(fcntl(fd.get(), F_DUPFD_CLOEXEC, lowest));
  if (!fd) return no_descriptor();
  return fd;
}

Result<Pipe> make_pipe(int lowest) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return no_descriptor();
  Pipe pipe{Fd(ends[0]), Fd(ends[1])};
  OMAKASE_TRY(pipe.read, lift(std::move(pipe.read), lowest));
  OMAKASE_TRY(pipe.write, lift(std::move(pipe.write), lowest));
  return pipe;
}

Result<std::vector<Fd>> duplicates(const std::vector<int>& passed, int lowest) {
  std::vector<Fd> list;
  for (const int fd : passed) {
    Fd copy(fcntl(fd, F_DUPFD_CLOEXEC, lowest));
    if (!copy) return no_descriptor();
    list.push_back(std::move(copy));
  }
  return list;
}

// Of which the child's ends are always there.
struct Streams {
  Pipe input;
  Pipe output;
  Pipe error;
};

Result<Streams> make_streams(const Command& command, int lowest) {
  Streams streams;
  if (command.our_streams) {
    OMAKASE_TRY(std::vector<Fd> ours, duplicates({STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}, lowest));
    streams.input.read = std::move(ours[0]);
    streams.output.write = std::move(ours[1]);
    streams.error.write = std::move(ours[2]);
    return streams;
  }
  OMAKASE_TRY(streams.output, make_pipe(lowest));
  OMAKASE_TRY(streams.error, make_pipe(lowest));
  if (command.with_input) {
    OMAKASE_TRY(streams.input, make_pipe(lowest));
  } else {
    OMAKASE_TRY(streams.input.read, lift(Fd(open("/dev/null", O_RDONLY | O_CLOEXEC)), lowest));
  }
  return streams;
}

base::Failure cannot_start(const std::string& program, const Command& command, int code) {
  std::string why = std::strerror(code);
  if (code == ENOENT && !command.folder.empty() && access(command.folder.c_str(), X_OK) != 0) {
    why = "its folder \"" + command.folder + "\" cannot be entered";
  }
  return base::fail(ErrorKind::kUnavailable, "spawn_failed", "\"" + program + "\" cannot be started: " + why + ".");
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

// 0 when the child has become the program, else why not.
int exec_error(int report) {
  int code = 0;
  ssize_t got = 0;
  do {
    got = read(report, &code, sizeof code);
  } while (got < 0 && errno == EINTR);
  return got == sizeof code ? code : 0;
}

void set_nonblocking(const Fd& fd) {
  if (fd) fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

std::string_view environment_value(const Environment& environment, std::string_view name) {
  for (const std::string_view entry : environment) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) return entry.substr(name.size() + 1);
  }
  return {};
}

std::optional<std::string> find_executable(std::string_view name, std::string_view path) {
  const auto executable = [](const std::string& file) {
    struct stat info{};
    return stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(file.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string_view::npos) {
    return executable(std::string(name)) ? std::optional(std::string(name)) : std::nullopt;
  }
  if (name.empty()) return std::nullopt;
  for (const std::string_view folder : base::split(path, ':')) {
    if (!folder.starts_with('/')) continue;
    std::string file = std::string(folder) + "/" + std::string(name);
    if (executable(file)) return file;
  }
  return std::nullopt;
}

Result<Spawned> spawn(const Command& command) {
  if (command.argv.empty()) return base::fail(ErrorKind::kInvalid, "spawn_failed", "There is no program to start.");
  const std::string& name = command.program.empty() ? command.argv.front() : command.program;
  std::optional<std::string> program = name;
  if (name.find('/') == std::string::npos) program = find_executable(name, environment_value(command.environment, "PATH"));
  if (!program) {
    return base::fail(ErrorKind::kUnavailable, "program_missing", "The program \"" + name + "\" is not installed.");
  }

  const int lowest = 3 + static_cast<int>(command.pass.size());
  OMAKASE_TRY(Streams streams, make_streams(command, lowest));
  auto& [input, output, error] = streams;
  OMAKASE_TRY(Pipe report, make_pipe(lowest));
  OMAKASE_TRY(const std::vector<Fd> passed, duplicates(command.pass, lowest));

  const std::vector<char*> argv = pointers(command.argv);
  const std::vector<char*> environment = pointers(command.environment);
  const pid_t pid = start({.program = program->c_str(),
                           .argv = argv.data(),
                           .environment = environment.data(),
                           .folder = command.folder.empty() ? nullptr : command.folder.c_str(),
                           .input = input.read.get(),
                           .output = output.write.get(),
                           .error = error.write.get(),
                           .report = report.write.get(),
                           .passed = passed,
                           .die_with_parent = command.die_with_parent,
                           .parent = getpid()});
  if (pid < 0) return cannot_start(name, command, errno);

  report.write.reset();
  if (const int code = exec_error(report.read.get())) {
    waitpid(pid, nullptr, 0);
    return cannot_start(name, command, code);
  }
  Spawned child{pid, Fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))), std::move(input.write), std::move(output.read),
                std::move(error.read)};
  if (!child.pidfd) {
    const int code = errno;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return cannot_start(name, command, code);
  }
  for (const Fd* fd : {&child.input, &child.output, &child.error}) set_nonblocking(*fd);
  return child;
}

}  // namespace omakase::process
