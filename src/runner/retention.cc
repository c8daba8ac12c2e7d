#include "runner/retention.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/log.h"
#include "runner/presence.h"

namespace omakase::runner {

namespace {

namespace fs = std::filesystem;

// "<run>.<generation>".
bool is_runners(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size() || !base::valid_id(name.substr(0, dot))) return false;
  return std::ranges::all_of(name.substr(dot + 1), [](char digit) { return digit >= '0' && digit <= '9'; });
}

// nullopt: it cannot be told, so that it was now.
std::optional<fs::file_time_type> last_change(const fs::path& folder) {
  std::error_code ec;
  auto newest = fs::last_write_time(folder, ec);
  if (ec) return std::nullopt;
  for (const auto& file : fs::directory_iterator(folder, ec)) {
    std::error_code unreadable;
    const auto changed = file.is_symlink(unreadable) ? newest : file.last_write_time(unreadable);
    if (!unreadable) newest = std::max(newest, changed);
  }
  return ec ? std::nullopt : std::optional(newest);
}

}  // namespace

std::size_t collect_garbage(const fs::path& runners, const std::set<std::string>& in_use, std::chrono::seconds keep,
                            fs::file_time_type now) {
  std::size_t gone = 0;
  std::error_code ec;
  for (const auto& entry : fs::directory_iterator(runners, ec)) {
    const std::string name = entry.path().filename().string();
    std::error_code failed;
    if (!is_runners(name) || in_use.contains(name) || !entry.is_directory(failed) || entry.is_symlink(failed)) continue;
    const auto changed = last_change(entry.path());
    if (!changed || now - *changed < std::max(keep, kShortestRetention)) continue;
    if (find(entry.path().string()) == Presence::kAlive) continue;
    fs::remove_all(entry.path(), failed);
    if (failed) base::log_warn("an ended runner's folder cannot be deleted", {{"folder", name}, {"error", failed.message()}});
    if (!failed) ++gone;
  }
  return gone;
}

}  // namespace omakase::runner
