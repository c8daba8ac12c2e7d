#include "process/sandbox.h"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>

#include "base/text.h"
#include "process/run.h"

namespace omakase::process {

namespace {

using base::ErrorKind;
using base::Result;
using runtime::Task;
using std::chrono_literals::operator""s;

using Arguments = std::vector<std::string>;

void add(Arguments& arguments, std::initializer_list<std::string_view> more) {
  for (const std::string_view argument : more) arguments.emplace_back(argument);
}

// /bin, /lib and the like: links into /usr on a merged system, folders of their own elsewhere.
void add_system_folders(Arguments& arguments) {
  add(arguments, {"--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"});
  for (const std::string_view folder : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code ec;
    const auto target = std::filesystem::read_symlink(folder, ec);
    if (!ec) {
      add(arguments, {"--symlink", target.string(), folder});
    } else if (std::filesystem::is_directory(folder, ec)) {
      add(arguments, {"--ro-bind", folder, folder});
    }
  }
}

// Where the resolver's file really is: often outside /etc, which has a link to it. Empty: nowhere.
std::string resolver_file() {
  std::error_code ec;
  return std::filesystem::canonical("/etc/resolv.conf", ec).string();
}

void add_name_resolution(Arguments& arguments, const SandboxSpec& spec) {
  const std::string real = resolver_file();
  const bool there = real.empty() || real.starts_with("/etc/") || real.starts_with("/usr/");
  if (spec.network != Network::kModel && !there) add(arguments, {"--ro-bind", real, real});
}

// Of /etc what everybody may read. The rest (password hashes, host keys, a service's own environment) is the operator's: a server
// that runs as root could read it, and so could its agents, who have its uid.
void hide_private_settings(Arguments& arguments) {
  namespace fs = std::filesystem;
  std::error_code ec;
  for (auto entry = fs::recursive_directory_iterator("/etc", fs::directory_options::skip_permission_denied, ec);
       !ec && entry != fs::recursive_directory_iterator(); entry.increment(ec)) {
    std::error_code gone;
    const fs::file_status status = entry->symlink_status(gone);
    const bool public_file = (status.permissions() & fs::perms::others_read) != fs::perms::none;
    if (gone || public_file || fs::is_symlink(status)) continue;
    if (fs::is_directory(status)) entry.disable_recursion_pending();
    if (access(entry->path().c_str(), R_OK) != 0) continue;
    if (fs::is_directory(status)) add(arguments, {"--perms", "0000", "--tmpfs", entry->path().string()});
    if (fs::is_regular_file(status)) add(arguments, {"--ro-bind", "/dev/null", entry->path().string()});
  }
}

// What is written to memory is bounded like everything else.
void add_memory_folders(Arguments& arguments) {
  const auto quarter = std::to_string(static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) / 4 *
                                      static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE)));
  add(arguments, {"--dev", "/dev", "--size", quarter, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"});
  add(arguments, {"--size", quarter, "--tmpfs", "/tmp"});
}

// Sorted, so that a folder is there before what stands inside it.
void add_paths(Arguments& arguments, const SandboxSpec& spec) {
  std::map<std::string_view, std::string_view> binds;
  for (const std::string& path : spec.read_only) binds[path] = "--ro-bind";
  for (const std::string& path : spec.read_write) binds[path] = "--bind";
  for (const auto& [path, how] : binds) add(arguments, {how, path, path});
}

constexpr std::pair<Network, std::string_view> kNetworks[] = {
    {Network::kOpen, "open"}, {Network::kModel, "model"}, {Network::kInternet, "internet"}};

}  // namespace

std::string_view word(Network network) {
  return std::ranges::find(kNetworks, network, &std::pair<Network, std::string_view>::first)->second;
}

std::optional<Network> network_named(std::string_view word) {
  const auto found = std::ranges::find(kNetworks, word, &std::pair<Network, std::string_view>::second);
  return found == std::end(kNetworks) ? std::nullopt : std::optional(found->first);
}

std::vector<std::string> sandboxed(const SandboxSpec& spec, const std::vector<std::string>& argv) {
  Arguments arguments;
  add(arguments, {"bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
                  "--die-with-parent", "--new-session", "--cap-drop", "ALL"});
  if (spec.network != Network::kOpen) add(arguments, {"--unshare-net"});
  add_system_folders(arguments);
  hide_private_settings(arguments);
  // Settings of the kernel are files there that belong to root, whose uid an agent of root's has: nothing in it is written to.
  add(arguments, {"--proc", "/proc", "--remount-ro", "/proc"});
  add_memory_folders(arguments);
  add_name_resolution(arguments, spec);
  add_paths(arguments, spec);
  add(arguments, {"--remount-ro", "/"});
  if (!spec.folder.empty()) add(arguments, {"--chdir", spec.folder});
  add(arguments, {"--"});
  arguments.insert(arguments.end(), argv.begin(), argv.end());
  return arguments;
}

std::vector<std::string> completed(std::vector<std::string> argv, Network network, const SandboxFds& fds) {
  Arguments options;
  const auto give = [&](std::string_view option, int fd) {
    if (fd >= 0) add(options, {option, std::to_string(fd)});
  };
  if (network != Network::kOpen) add(options, {"--unshare-net"});
  give("--info-fd", fds.info);
  give("--block-fd", fds.block);
  give("--seccomp", fds.seccomp);
  // Over the machine's own, so after everything that puts that there.
  const std::string real = resolver_file();
  if (!real.empty()) give("--ro-bind-data", fds.resolver);
  if (!real.empty() && fds.resolver >= 0) add(options, {real});
  argv.insert(std::ranges::find(argv, "--"), options.begin(), options.end());
  return argv;
}

Task<Result<void>> sandbox_available(Environment environment) {
  const auto unavailable = [](std::string detail) {
    return base::fail(ErrorKind::kUnavailable, "sandbox_unavailable", std::move(detail));
  };
  Command command{.argv = sandboxed({}, {"true"}), .environment = std::move(environment)};
  const auto output = co_await run_command(std::move(command), 10s);
  if (!output && output.error().code == "program_missing") co_return unavailable("bubblewrap (bwrap) is not installed.");
  if (!output) co_return std::unexpected(output.error());
  if (!output->status.success()) {
    co_return unavailable("bubblewrap cannot make a sandbox here: " + base::scrub_utf8(base::trim(output->err)));
  }
  co_return Result<void>{};
}

}  // namespace omakase::process
