#include "store/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/text.h"

namespace omakase::store {

namespace {

base::Failure unusable(const std::filesystem::path& path, int error) {
  return base::fail(base::ErrorKind::kUnavailable, "data_unusable",
                    "Cannot use " + path.string() + ": " + std::generic_category().message(error) + ".");
}

// What the holder wrote, or "" while it has not yet.
std::string holder(int fd) {
  char digits[32];
  const ssize_t size = ::pread(fd, digits, sizeof digits, 0);
  return size > 0 ? std::string(base::trim({digits, static_cast<std::size_t>(size)})) : "";
}

}  // namespace

base::Result<void> make_data_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (folder.has_parent_path()) std::filesystem::create_directories(folder.parent_path(), error);
  if (error) return unusable(folder, error.value());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return unusable(folder, errno);
  return {};
}

base::Result<DataLock> DataLock::acquire(const std::filesystem::path& folder) {
  OMAKASE_CHECK(make_data_folder(folder));
  const std::filesystem::path file = folder / "omakase.lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return unusable(file, errno);
  DataLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unusable(file, errno);
    const std::string pid = holder(fd);
    return base::conflict("data_in_use", "The data folder " + folder.string() + " is in use by process " +
                                             (pid.empty() ? "(starting)" : pid) + ".");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return unusable(file, errno);
  }
  return lock;
}

DataLock::~DataLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace omakase::store
