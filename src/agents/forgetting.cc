#include "agents/forgetting.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/ids.h"

namespace omakase::agents {

namespace {

namespace fs = std::filesystem;

// The entries of a folder that is one, and no link to one.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
  std::error_code ec;
  std::vector<fs::directory_entry> entries;
  if (fs::symlink_status(folder, ec).type() != fs::file_type::directory) return entries;
  for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) entries.push_back(*at);
  return entries;
}

std::size_t take_away(const fs::path& path) {
  std::error_code ec;
  const auto removed = fs::remove_all(path, ec);
  return ec ? 0 : static_cast<std::size_t>(removed);
}

// "<run>.<n>" is the folder of a run's n-th process.
bool is_of(const std::string& folder, const std::vector<std::string>& run_ids) {
  const std::size_t dot = folder.rfind('.');
  return dot != std::string::npos && std::ranges::find(run_ids, folder.substr(0, dot)) != run_ids.end();
}

}  // namespace

std::size_t forget_files(const SessionOptions& options, const Forgotten& forgotten) {
  std::size_t removed = 0;
  for (const auto& entry : entries_of(options.runners)) {
    if (is_of(entry.path().filename().string(), forgotten.run_ids)) removed += take_away(entry.path());
  }
  if (!base::valid_id(forgotten.agent_session)) return removed;
  // Claude Code keeps ~/.claude/projects/<folder>/<session>.jsonl, and beside it a folder <session> for what belongs to it.
  const fs::path home = ProjectFolders(options, forgotten.project_id, forgotten.agent_name).home;
  std::error_code ec;
  if (fs::symlink_status(home / ".claude", ec).type() != fs::file_type::directory) return removed;
  for (const auto& folder : entries_of(home / ".claude" / "projects")) {
    for (const auto& entry : entries_of(folder.path())) {
      const std::string name = entry.path().filename().string();
      if (name == forgotten.agent_session || name == forgotten.agent_session + ".jsonl") removed += take_away(entry.path());
    }
  }
  return removed;
}

}  // namespace omakase::agents
