#include "app/scripts_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "assets/embedded.h"
#include "base/digest.h"
#include "process/seccomp.h"

namespace omakase::app {

namespace fs = std::filesystem;

base::Result<fs::path> unpack_scripts(const fs::path& data) {
  std::string all;
  for (const auto& file : assets::embedded_scripts()) all += std::string(file.path) + std::string(file.etag);
  fs::path folder = data / "scripts" / base::sha256_hex(all).substr(0, 16);
  std::error_code ec;
  if (fs::exists(folder, ec)) return folder;
  // Whole or not at all: made beside its place and moved there.
  const fs::path part = folder.string() + ".part" + std::to_string(getpid());
  for (const auto& file : assets::embedded_scripts()) {
    const fs::path path = part / file.path;
    fs::create_directories(path.parent_path(), ec);
    std::ofstream(path, std::ios::binary) << file.identity;
    fs::permissions(path, fs::perms::owner_all | fs::perms::group_read | fs::perms::others_read, ec);
  }
  fs::rename(part, folder, ec);
  if (ec && !fs::exists(folder)) {
    return base::fail(base::ErrorKind::kUnavailable, "disk_error", "Cannot write " + folder.string() + ": " + ec.message() + ".");
  }
  return folder;
}

base::Result<fs::path> write_refused_calls(const fs::path& data) {
  fs::path path = data / "scripts" / "refused-calls";
  const process::Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || !process::write_seccomp_filter(file)) {
    return base::fail(base::ErrorKind::kUnavailable, "disk_error", "Cannot write " + path.string() + ".");
  }
  return path;
}

}  // namespace omakase::app
