// Takes away what ended runners left, when nobody needs it any more. A folder `<run>.<generation>` goes when no runner lives in
// it, no session holds it, and nothing in it changed for a while; whatever else stands beside it is left alone. Blocks on the
// disk, for as long as the files are large; any thread, one at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <set>
#include <string>

namespace omakase::runner {

// A runner that is just being started has no lock yet: its folder is young.
inline constexpr std::chrono::seconds kShortestRetention = std::chrono::hours(1);

// `in_use` names the folders that active runs hold now ("01RUN.2"): never touched. `keep` is counted from the last change in the
// folder, and not below kShortestRetention. Gives how many folders went; what cannot be deleted stays, and the log says so.
std::size_t collect_garbage(const std::filesystem::path& runners, const std::set<std::string>& in_use, std::chrono::seconds keep,
                            std::filesystem::file_time_type now);

}  // namespace omakase::runner
