#include "runner/runner_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace omakase::runner {

namespace {

using base::ErrorKind;
using base::Result;
using process::Fd;

constexpr std::size_t kMaxFile = std::size_t{16} << 20;

struct flock whole_file(short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

Result<RunnerFolder> RunnerFolder::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    return base::fail(ErrorKind::kNotFound, "no_runner_folder",
                      "The runner's folder " + path + " cannot be opened: " + std::strerror(errno) + ".");
  }
  return RunnerFolder(path, std::move(fd));
}

bool RunnerFolder::has(const char* name) const {
  struct stat info{};
  return fstatat(fd_.get(), name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<Fd> RunnerFolder::open_file(const char* name, int flags) const {
  Fd file(openat(fd_.get(), name, flags | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) {
    return base::fail(errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kUnavailable, "runner_file",
                      path_ + "/" + name + " cannot be opened: " + std::strerror(errno) + ".");
  }
  return file;
}

Result<std::string> RunnerFolder::read(const char* name) const {
  OMAKASE_TRY(const Fd file, open_file(name, O_RDONLY));
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got == 0) return text;
    if (got < 0 || text.size() > kMaxFile) {
      return base::fail(ErrorKind::kUnavailable, "runner_file", path_ + "/" + name + " cannot be read.");
    }
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

Result<void> RunnerFolder::write(const char* name, std::string_view text) const {
  const std::string fresh = std::string(name) + ".new";
  OMAKASE_TRY(const Fd file, open_file(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC));
  const bool written = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written || renameat(fd_.get(), fresh.c_str(), fd_.get(), name) != 0) {
    return base::fail(ErrorKind::kUnavailable, "runner_file",
                      path_ + "/" + name + " cannot be written: " + std::strerror(errno) + ".");
  }
  return {};
}

void RunnerFolder::remove(const char* name) const { unlinkat(fd_.get(), name, 0); }

std::string RunnerFolder::socket_address() const { return "/proc/self/fd/" + std::to_string(fd_.get()) + "/" + kSocket; }

// A lock of the open file description: it goes with the runner, however that ends, and can be asked for without being taken.
Result<Fd> RunnerFolder::lock() const {
  OMAKASE_TRY(Fd file, open_file(kLock, O_RDWR | O_CREAT));
  struct flock wanted = whole_file(F_WRLCK);
  if (fcntl(file.get(), F_OFD_SETLK, &wanted) != 0) {
    return base::conflict("runner_running", "Another runner holds " + path_ + ".");
  }
  return file;
}

bool RunnerFolder::locked() const {
  const auto file = open_file(kLock, O_RDWR);
  struct flock wanted = whole_file(F_WRLCK);
  return file && fcntl(file->get(), F_OFD_GETLK, &wanted) == 0 && wanted.l_type != F_UNLCK;
}

base::Failure RunnerFolder::already_used() const {
  return base::conflict("runner_used", "The runner's folder " + path_ + " has held an agent already.");
}

}  // namespace omakase::runner
