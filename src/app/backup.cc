#include "app/backup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <vector>

#include "app/config.h"
#include "base/text.h"
#include "process/fd.h"
#include "process/run.h"
#include "runtime/loop.h"
#include "store/data_lock.h"
#include "store/sqlite/database_copy.h"

namespace omakase::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDatabase = "omakase.db";
// The rest of an archive. Mirrors, runners and scripts come again by themselves.
constexpr const char* kSecretKey = "secret.key";
constexpr const char* kFolders[] = {"workspaces", "projects", "practice-kitchen.git"};
// Of a data folder that is being restored, until everything is in its place.
constexpr const char* kRestoring = "restore.part";

base::Failure failed(const std::string& what, const std::string& reason) {
  return base::fail(base::ErrorKind::kUnavailable, "backup_failed", what + ": " + reason + ".");
}
base::Failure failed(const std::string& what) { return failed(what, std::generic_category().message(errno)); }

base::Failure cannot(const std::string& what, const base::Error& cause) {
  return base::fail(cause.kind, cause.code, what + ": " + cause.detail);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

base::Result<void> clear_away(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return failed("Cannot remove " + path.string(), error.message());
  return {};
}

// All of a file system's files and names; of one file with `whole` false.
base::Result<void> sync(const fs::path& path, bool whole = false) {
  const process::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0 || (whole ? syncfs(fd.get()) : fsync(fd.get())) != 0) return failed("Cannot write " + path.string());
  return {};
}

base::Result<void> move(const fs::path& from, const fs::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return failed("Cannot put " + to.string() + " in its place");
  return {};
}

// An empty folder of its owner's, and the lock that keeps others from it as long as the Fd lives.
base::Result<process::Fd> take_folder(const fs::path& folder, const std::string& whose) {
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("Cannot make " + folder.string());
  process::Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd.get() < 0) return failed("Cannot use " + folder.string());
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return base::conflict("backup_runs", whose);
  std::error_code error;
  for (const auto& left : fs::directory_iterator(folder, error)) OMAKASE_CHECK(clear_away(left.path()));
  if (error) return failed("Cannot read " + folder.string(), error.message());
  return fd;
}

// Runs tar and gives its exit code: 1 tells that files changed while they were read.
base::Result<int> tar(std::vector<std::string> arguments) {
  const char* path = std::getenv("PATH");
  arguments.insert(arguments.begin(), {"tar", "--force-local"});
  process::Command command{.argv = std::move(arguments), .environment = {"LC_ALL=C", std::string("PATH=") + (path ? path : "")}};
  runtime::Loop loop;
  OMAKASE_TRY(const process::Output output,
              runtime::run_task(loop, process::run_command(std::move(command), std::chrono::hours(24))));
  if (output.status.signal == 0 && output.status.code <= 1) return output.status.code;
  const std::string_view first = std::string_view(output.err).substr(0, output.err.find('\n'));
  return failed("tar", first.empty() ? output.status.describe() : std::string(first));
}

std::string size_of(const fs::path& file) {
  std::error_code ignored;
  const auto bytes = static_cast<double>(fs::file_size(file, ignored));
  char text[32];
  std::snprintf(text, sizeof text, bytes >= 1e9 ? "%.1f GB" : "%.1f MB", bytes / (bytes >= 1e9 ? 1e9 : 1e6));
  return text;
}

std::string counted(std::int64_t messages) { return std::to_string(messages) + (messages == 1 ? " message" : " messages"); }

struct Written {
  std::int64_t messages;
  bool changed_meanwhile;  // files of the workspaces
};

// The archive, whole and on disk, from a copy of the database beside it.
base::Result<Written> write_archive(const fs::path& data, const fs::path& archive, bool with_workspaces) {
  const fs::path folder = archive.parent_path();
  OMAKASE_CHECK(store::sqlite::copy_database(data / kDatabase, folder / kDatabase));
  const auto messages = store::sqlite::messages_of_copy(folder / kDatabase);
  if (!messages) return cannot("Cannot back up " + (data / kDatabase).string(), messages.error());
  // The name's ending chooses the compression.
  std::vector<std::string> arguments{"--create",
                                     "--auto-compress",
                                     "--file=" + archive.string(),
                                     "--anchored",
                                     "--no-wildcards-match-slash",
                                     "--exclude=projects/*/repository.git",
                                     "--directory=" + folder.string(),
                                     kDatabase,
                                     "--directory=" + data.string()};
  if (is_there(data / kSecretKey)) arguments.emplace_back(kSecretKey);
  for (const char* name : kFolders) {
    if (with_workspaces && is_there(data / name)) arguments.emplace_back(name);
  }
  OMAKASE_TRY(const int code, tar(std::move(arguments)));
  OMAKASE_CHECK(sync(archive));
  return Written{*messages, code == 1};
}

base::Result<void> back_up(const fs::path& data, const fs::path& file, bool with_workspaces) {
  if (!is_there(data / kDatabase)) {
    return base::not_found("no_data", "There is nothing to back up in " + data.string() + ": it has no " + kDatabase + ".");
  }
  if (fs::is_directory(file)) return base::invalid("bad_file", file.string() + " is a folder.");
  const fs::path part = file.string() + ".part";
  OMAKASE_TRY(const process::Fd held, take_folder(part, "Another backup to " + file.string() + " is being written."));
  const auto written = write_archive(data, part / file.filename(), with_workspaces);
  const auto placed = written ? move(part / file.filename(), file) : std::unexpected(written.error());
  OMAKASE_CHECK(clear_away(part));
  if (!placed) return placed;
  OMAKASE_CHECK(sync(file.parent_path()));
  std::printf("Backed up %s to %s (%s).\n", counted(written->messages).c_str(), file.c_str(), size_of(file).c_str());
  if (written->changed_meanwhile) std::puts("Some files of workspaces changed while they were read; agents were at work there.");
  std::puts("It holds the key to the projects' secrets: keep it as safe as the server itself.");
  return {};
}

// What is in the way of a restore: the first name, or none.
std::optional<fs::path> in_the_way(const fs::path& data) {
  for (const char* name : {kDatabase, kSecretKey}) {
    if (is_there(data / name)) return data / name;
  }
  for (const char* name : kFolders) {
    std::error_code ignored;
    if (is_there(data / name) && !fs::is_empty(data / name, ignored)) return data / name;
  }
  return std::nullopt;
}

// What an earlier restore put in its place before it was cut.
base::Result<void> remove_pieces(const fs::path& data) {
  OMAKASE_CHECK(clear_away(data / kSecretKey));
  for (const char* folder : kFolders) OMAKASE_CHECK(clear_away(data / folder));
  return {};
}

base::Result<void> put_in_place(const fs::path& part, const fs::path& data) {
  for (const char* folder : kFolders) {
    if (is_there(part / folder)) OMAKASE_CHECK(move(part / folder, data / folder));
  }
  if (is_there(part / kSecretKey)) OMAKASE_CHECK(move(part / kSecretKey, data / kSecretKey));
  OMAKASE_CHECK(sync(data));
  // With it the folder has conversations, and is a server's.
  OMAKASE_CHECK(move(part / kDatabase, data / kDatabase));
  return sync(data);
}

base::Result<void> restore(const fs::path& data, const fs::path& file) {
  if (!fs::is_regular_file(file)) return base::not_found("no_file", "There is no file " + file.string() + ".");
  OMAKASE_CHECK(store::make_data_folder(data));
  OMAKASE_TRY(const store::DataLock lock, store::DataLock::acquire(data));
  const fs::path part = data / kRestoring;
  if (is_there(part) && !is_there(data / kDatabase)) OMAKASE_CHECK(remove_pieces(data));
  if (const auto path = in_the_way(data)) {
    return base::conflict("data_exists", path->string() + " exists, and a restore replaces nothing. Move " + data.string() +
                                             " away, or name another folder with --data.");
  }
  OMAKASE_TRY(const process::Fd held, take_folder(part, "Another restore into " + data.string() + " is under way."));
  const auto unpacked = [&]() -> base::Result<std::int64_t> {
    OMAKASE_CHECK(tar(
        {"--extract", "--no-same-owner", "--preserve-permissions", "--file=" + file.string(), "--directory=" + part.string()}));
    if (!fs::is_regular_file(fs::symlink_status(part / kDatabase))) {
      return base::invalid("no_backup", file.string() + " is no backup: it has no " + kDatabase + ".");
    }
    const auto messages = store::sqlite::messages_of_copy(part / kDatabase);
    if (!messages) return cannot("Cannot restore " + file.string(), messages.error());
    OMAKASE_CHECK(sync(part, true));
    return *messages;
  }();
  if (!unpacked) {
    OMAKASE_CHECK(clear_away(part));
    return std::unexpected(unpacked.error());
  }
  OMAKASE_CHECK(put_in_place(part, data));
  OMAKASE_CHECK(clear_away(part));
  std::printf("Restored %s into %s.\nStart it: omakase serve --data %s\n", counted(*unpacked).c_str(), data.c_str(),
              data.c_str());
  return {};
}

// Reads the words of a command with FILE and --data; the exit code when it is to end here.
std::optional<int> parse(CLI::App& app, std::span<const std::string> arguments, std::string& file, std::string& data) {
  app.add_option("file", file, "The archive; an ending such as .tar.gz chooses its compression")->required();
  app.add_option("--data", data, "The data folder")->envname("OMAKASE_DATA")->capture_default_str();
  try {
    std::vector<std::string> words(arguments.rbegin(), arguments.rend());
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  file = fs::absolute(file).lexically_normal();
  data = fs::absolute(data).lexically_normal();
  umask(077);
  return std::nullopt;
}

int finish(const base::Result<void>& done) {
  if (!done) std::fprintf(stderr, "omakase: %s\n", done.error().detail.c_str());
  return done ? 0 : 1;
}

}  // namespace

int backup_command(std::span<const std::string> arguments) {
  CLI::App app("Writes conversations, settings, secrets and workspaces to one archive, while the server goes on.",
               "omakase backup");
  std::string file;
  std::string data = default_data_folder().string();
  bool without_workspaces = false;
  app.add_flag("--without-workspaces", without_workspaces, "Leave out the workspaces and the agents' homes");
  if (const auto code = parse(app, arguments, file, data)) return *code;
  return finish(back_up(data, file, !without_workspaces));
}

int restore_command(std::span<const std::string> arguments) {
  CLI::App app("Brings a backup into a data folder without conversations. No server may run there.", "omakase restore");
  std::string file;
  std::string data = default_data_folder().string();
  if (const auto code = parse(app, arguments, file, data)) return *code;
  return finish(restore(data, file));
}

base::Result<void> check_restored(const fs::path& data) {
  if (!is_there(data / kRestoring) || is_there(data / kDatabase)) return {};
  return base::conflict("restore_unfinished", "A restore into " + data.string() +
                                                  " was cut. Begin it again: omakase restore FILE --data " + data.string());
}

}  // namespace omakase::app
