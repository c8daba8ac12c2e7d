// The data folder, and the lock that keeps it to one process: taken by app/ before anything in the folder is opened and before
// the port is bound; held until the DataLock is destroyed or the process ends, however it ends.
#pragma once

#include <filesystem>
#include <utility>

#include "base/error.h"

namespace omakase::store {

// Makes the folder, for its owner only, with its parents. One that exists keeps its permissions.
base::Result<void> make_data_folder(const std::filesystem::path& folder);

class DataLock {
 public:
  // kConflict `data_in_use`, naming the holder's process id, when another process holds it.
  static base::Result<DataLock> acquire(const std::filesystem::path& folder);

  DataLock(DataLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DataLock& operator=(DataLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~DataLock();

 private:
  explicit DataLock(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace omakase::store
