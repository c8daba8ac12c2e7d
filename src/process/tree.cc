#include "process/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>

#include "base/text.h"
#include "process/fd.h"

namespace omakase::process {

namespace {

std::string read_small(const std::string& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char buffer[4096];
  const ssize_t got = file ? read(file.get(), buffer, sizeof buffer) : 0;
  return {buffer, got > 0 ? static_cast<std::size_t>(got) : 0};
}

template <typename Number>
Number number_or_zero(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<ProcessState> all_processes() {
  std::vector<ProcessState> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), closedir);
  if (!folder) return found;
  while (const dirent* entry = readdir(folder.get())) {
    const pid_t pid = number_or_zero<pid_t>(entry->d_name);
    if (pid <= 0) continue;
    if (const auto state = process_state(pid)) found.push_back(*state);
  }
  return found;
}

}  // namespace

std::optional<ProcessState> process_state(pid_t pid) {
  const std::string stat = read_small("/proc/" + std::to_string(pid) + "/stat");
  // The second field is a name in parentheses that may itself hold blanks and parentheses (proc(5)).
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  const auto fields = base::split(std::string_view(stat).substr(name_end + 1), ' ');  // fields[1] is the third of the line
  constexpr std::size_t kState = 1;
  constexpr std::size_t kParent = 2;
  constexpr std::size_t kStartTime = 20;
  if (fields.size() <= kStartTime || fields[kState].empty()) return std::nullopt;
  return ProcessState{pid, number_or_zero<pid_t>(fields[kParent]), fields[kState].front(),
                      number_or_zero<std::uint64_t>(fields[kStartTime])};
}

std::string boot_id() { return std::string(base::trim(read_small("/proc/sys/kernel/random/boot_id"))); }

std::vector<pid_t> descendants(pid_t root) {
  const std::vector<ProcessState> everyone = all_processes();
  std::vector<pid_t> found{root};
  for (std::size_t at = 0; at < found.size(); ++at) {
    for (const ProcessState& other : everyone) {
      if (other.parent == found[at] && other.pid != found[at]) found.push_back(other.pid);
    }
  }
  found.erase(found.begin());
  std::erase_if(found, [&](pid_t pid) {
    const auto it = std::ranges::find(everyone, pid, &ProcessState::pid);
    return it != everyone.end() && it->state == 'Z';
  });
  return found;
}

void signal_descendants(pid_t root, int signal) {
  for (const pid_t pid : descendants(root)) kill(pid, signal);
}

void kill_tree(pid_t root) {
  std::set<pid_t> killed;
  for (bool fresh = true; fresh;) {
    fresh = false;
    for (const pid_t pid : descendants(root)) {
      fresh = killed.insert(pid).second || fresh;
      kill(pid, SIGKILL);
    }
  }
  kill(root, SIGKILL);
}

}  // namespace omakase::process
