#include "practice/kitchen.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/text.h"

namespace omakase::practice {

namespace {

namespace fs = std::filesystem;
using base::Result;

struct File {
  std::string_view mode;
  std::string_view name;
  std::string_view content;
};

constexpr std::array<File, 3> kFiles = {{
    {"100644", "README.md", R"(# Practice kitchen

A project to try Omakase on. `rice.sh` tells how many grams of rice a table needs, and its test fails:

    sh test.sh

Ask an agent to *fix the failing test*, and watch.
)"},
    {"100755", "rice.sh", R"(#!/bin/sh
# Grams of rice for a table of so many guests: 80 for each.
guests=$1
echo $((guests + 80))
)"},
    {"100755", "test.sh", R"(#!/bin/sh
# Every line of the table: how many guests, and the grams that they need.
failed=0
while read -r guests grams; do
  got=$(sh rice.sh "$guests")
  if [ "$got" = "$grams" ]; then
    echo "ok: $guests guests, $got g"
  else
    echo "not ok: $guests guests need $grams g, not $got g"
    failed=1
  fi
done <<TABLE
1 80
4 320
12 960
TABLE
exit $failed
)"},
}};

std::string data(std::string_view text) { return "data " + std::to_string(text.size()) + "\n" + std::string(text) + "\n"; }

// What `git fast-import` reads: one commit, always the same.
std::string history() {
  std::string stream = "commit refs/heads/main\ncommitter Omakase <practice@omakase.invalid> 1767225600 +0000\n" +
                       data("Open the practice kitchen\n");
  for (const File& file : kFiles) {
    stream += "M " + std::string(file.mode) + " inline " + std::string(file.name) + "\n" + data(file.content);
  }
  return stream;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Runs git with nothing of the operator's configuration; `input` and `errors` are files.
Result<void> run_git(std::vector<std::string> args, const fs::path& home, const fs::path& input, const fs::path& errors) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> environment = {"PATH=" + std::string(path ? path : "/usr/bin:/bin"), "HOME=" + home.string(),
                                          "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C"};
  args.insert(args.begin(), "git");
  std::vector<char*> argv, envp;
  for (std::string& arg : args) argv.push_back(arg.data());
  for (std::string& variable : environment) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, 2, errors.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, "git", &files, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&files);
  if (failed == ENOENT) {
    return base::fail(base::ErrorKind::kUnavailable, "git_missing", "git is not installed; on Debian: apt install git.");
  }
  int status = failed;
  while (failed == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return {};
  return base::fail(base::ErrorKind::kUnavailable, "git_failed",
                    "git could not make the practice kitchen: " + base::scrub_utf8(base::trim(read_file(errors))));
}

Result<void> build(const fs::path& repository, const fs::path& scratch) {
  const fs::path errors = scratch / "errors";
  const fs::path stream = scratch / "history";
  std::ofstream(stream) << history();
  OMAKASE_CHECK(run_git({"init", "--quiet", "--bare", "--template=", "--initial-branch=main", repository.string()}, scratch,
                        "/dev/null", errors));
  return run_git({"--git-dir=" + repository.string(), "fast-import", "--quiet"}, scratch, stream, errors);
}

}  // namespace

Result<std::string> ensure_practice_kitchen(const std::string& folder) {
  const fs::path kitchen = fs::path(folder) / "practice-kitchen.git";
  std::error_code ec;
  if (fs::exists(kitchen, ec)) return kitchen.string();
  // Made aside and moved into place: whoever sees it sees all of it, also when two start at once.
  const fs::path scratch = fs::path(folder) / ("practice-kitchen." + base::new_secret(9));
  if (!fs::create_directory(scratch, ec)) return base::internal("cannot make " + scratch.string() + ": " + ec.message());
  Result<void> built = build(scratch / "repository", scratch);
  if (built) {
    fs::rename(scratch / "repository", kitchen, ec);
    if (ec && !fs::exists(kitchen)) built = base::internal("cannot make " + kitchen.string() + ": " + ec.message());
  }
  fs::remove_all(scratch, ec);
  OMAKASE_CHECK(built);
  return kitchen.string();
}

}  // namespace omakase::practice
