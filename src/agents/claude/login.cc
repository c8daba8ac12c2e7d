#include "agents/claude/login.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "process/fd.h"

namespace omakase::agents::claude {

namespace {

constexpr int kFolderOnly = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr const char* kFolder = ".claude";
constexpr const char* kFile = ".credentials.json";

base::Failure blocked(const std::filesystem::path& home) {
  return base::fail(base::ErrorKind::kUnavailable, "login_blocked",
                    "The login cannot be put into " + home.string() + ": " + std::strerror(errno) + ".");
}

}  // namespace

base::Result<void> link_login(const std::filesystem::path& home, const std::filesystem::path& login_file) {
  const process::Fd folder(open(home.c_str(), kFolderOnly));
  if (!folder) return blocked(home);
  if (mkdirat(folder.get(), kFolder, 0700) != 0 && errno != EEXIST) return blocked(home);
  const process::Fd inner(openat(folder.get(), kFolder, kFolderOnly));
  if (!inner) return blocked(home);
  if (unlinkat(inner.get(), kFile, 0) != 0 && errno != ENOENT) return blocked(home);
  if (!login_file.empty() && symlinkat(login_file.c_str(), inner.get(), kFile) != 0) return blocked(home);
  return {};
}

}  // namespace omakase::agents::claude
