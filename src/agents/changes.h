// What a project's workspace holds beyond where it left the repository's branch: commits, uncommitted and untracked files. Each
// call runs scripts/changes.sh, in a sandbox without network that can write nothing of the workspace, for as long as the caller
// waits; coroutines on the Loop's thread. The workspace is hostile: git's time (kLimit) and what is kept of its output are
// bounded, and all text is made valid UTF-8. Errors: kConflict no_workspace, kUnavailable diff_failed.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agents/options.h"
#include "agents/patch_reader.h"
#include "model/run.h"
#include "process/child.h"

namespace omakase::agents {

// One comparison: its facts, then its unified diff piece by piece. Destroying it ends git.
class Comparison {
 public:
  static constexpr std::chrono::seconds kLimit{20};  // for each piece

  enum class Style {
    kShown,  // for people: binary files only said to differ
    kPatch,  // for `git apply`, with binary files
  };

  struct Facts {
    std::string base_ref;  // empty: the repository has no commit
    std::string base_commit;
    std::string branch;  // empty: none
    std::string commit;  // empty: none; abbreviated, as base_commit
    std::int64_t local_commits = 0;
  };

  static Task<Result<std::unique_ptr<Comparison>>> start(const SessionOptions& options, const model::Project& project,
                                                         Style style);

  const Facts& facts() const { return facts_; }

  // The next piece of the diff, empty at its end.
  Task<Result<std::string>> next();

 private:
  explicit Comparison(std::unique_ptr<process::Child> child) : child_(std::move(child)) {}
  Task<Result<void>> read_facts();
  Task<Result<std::string>> read();
  Task<base::Failure> failure();

  std::unique_ptr<process::Child> child_;
  std::string ahead_;  // of the diff, read with the facts
  Facts facts_;
};

// The comparison as the API has it (schema Changes), within kLimit for all of it.
Task<Result<json::object>> read_changes(const SessionOptions& options, const model::Project& project);

}  // namespace omakase::agents
