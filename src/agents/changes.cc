#include "agents/changes.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include <charconv>
#include <fstream>
#include <utility>
#include <vector>

#include "agents/plain_text.h"
#include "base/text.h"
#include "process/sandbox.h"
#include "runtime/loop.h"

namespace omakase::agents {

namespace asio = runtime::asio;
using asio::experimental::awaitable_operators::operator||;

namespace {

constexpr std::size_t kFacts = 5;
constexpr std::size_t kMaxFacts = std::size_t{16} << 10;
constexpr std::size_t kMaxWords = 4096;  // of git, when it fails

base::Failure diff_failed(std::string detail) {
  return base::fail(base::ErrorKind::kUnavailable, "diff_failed", std::move(detail));
}

base::Failure too_slow() { return diff_failed("There is more in the workspace than git can compare in 20 seconds."); }

// The project's, or what the last set-up found to be the repository's: the mirror is written by us alone.
std::string default_branch(const model::Project& project, const ProjectFolders& folders) {
  if (project.default_branch) return *project.default_branch;
  constexpr std::string_view kPrefix = "ref: refs/heads/";
  std::string line;
  std::getline(std::ifstream(folders.state / "repository.git" / "HEAD"), line);
  return line.starts_with(kPrefix) ? line.substr(kPrefix.size()) : "main";
}

process::Command command(const SessionOptions& options, const model::Project& project, const ProjectFolders& folders,
                         Comparison::Style style) {
  process::Command git;
  git.argv = {"/bin/bash", (options.scripts / "changes.sh").string(), folders.workspace.string(),
              default_branch(project, folders), style == Comparison::Style::kPatch ? "patch" : "shown"};
  git.environment = {"PATH=" + options.path, "HOME=" + folders.home.string()};
  git.die_with_parent = true;
  if (options.sandbox) {
    process::SandboxSpec sandbox;
    sandbox.read_only = {options.scripts.string(), folders.workspace.string()};
    sandbox.network = process::Network::kModel;  // a loopback of its own, where nothing listens
    git.argv = process::sandboxed(sandbox, git.argv);
  }
  return git;
}

// The next bytes of a stream, empty at its end; nullopt when there are none in time.
Task<std::optional<std::string>> read_some(process::Child::Stream& stream) {
  std::string buffer(std::size_t{64} << 10, '\0');
  auto outcome =
      co_await (stream.async_read_some(asio::buffer(buffer), runtime::use_tuple) || runtime::sleep_for(Comparison::kLimit));
  const auto* done = std::get_if<0>(&outcome);
  if (!done) co_return std::nullopt;
  buffer.resize(std::get<1>(*done));
  co_return std::move(buffer);
}

std::string_view word(ChangedFile::Status status) {
  switch (status) {
    case ChangedFile::Status::kAdded: return "added";
    case ChangedFile::Status::kModified: return "modified";
    case ChangedFile::Status::kDeleted: return "deleted";
    case ChangedFile::Status::kRenamed: return "renamed";
  }
  return "modified";
}

json::object file_json(ChangedFile file) {
  json::object object{{"path", std::move(file.path)},  {"status", word(file.status)}, {"additions", file.additions},
                      {"deletions", file.deletions},   {"binary", file.binary},       {"truncated", file.truncated},
                      {"patch", std::move(file.patch)}};
  if (!file.old_path.empty()) object["oldPath"] = file.old_path;
  return object;
}

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object changes_json(const Comparison::Facts& facts, PatchReader::Summary summary) {
  json::object object{{"base", nullptr},
                      {"branch", text_or_null(facts.branch)},
                      {"commit", text_or_null(facts.commit)},
                      {"localCommits", facts.local_commits}};
  if (!facts.base_ref.empty()) object["base"] = json::object{{"ref", facts.base_ref}, {"commit", facts.base_commit}};
  json::array files;
  for (ChangedFile& file : summary.files) files.push_back(file_json(std::move(file)));
  object["files"] = std::move(files);
  object["fileCount"] = summary.file_count;
  object["additions"] = summary.additions;
  object["deletions"] = summary.deletions;
  return object;
}

Task<Result<json::object>> read_all(const SessionOptions& options, const model::Project& project) {
  OMAKASE_CO_TRY(const auto comparison, co_await Comparison::start(options, project, Comparison::Style::kShown));
  PatchReader reader;
  for (;;) {
    OMAKASE_CO_TRY(const std::string piece, co_await comparison->next());
    if (piece.empty()) break;
    reader.push(piece);
  }
  co_return changes_json(comparison->facts(), reader.finish());
}

}  // namespace

Task<Result<std::unique_ptr<Comparison>>> Comparison::start(const SessionOptions& options, const model::Project& project,
                                                            Style style) {
  const ProjectFolders folders(options, project.id, {});
  std::error_code ec;
  // A clone is built beside its place: what stands there is whole.
  if (!std::filesystem::is_directory(folders.workspace / ".git", ec)) {
    co_return base::conflict("no_workspace", "The workspace has not been set up yet.");
  }
  auto child = process::Child::start(co_await asio::this_coro::executor, command(options, project, folders, style));
  if (!child) co_return diff_failed(child.error().detail);
  std::unique_ptr<Comparison> comparison(new Comparison(*std::move(child)));
  OMAKASE_CO_CHECK(co_await comparison->read_facts());
  co_return std::move(comparison);
}

Task<Result<void>> Comparison::read_facts() {
  std::vector<std::string> fields;
  std::string text;
  while (fields.size() < kFacts) {
    if (const std::size_t end = text.find('\0'); end != std::string::npos) {
      fields.push_back(base::scrub_utf8(text.substr(0, end)));
      text.erase(0, end + 1);
      continue;
    }
    OMAKASE_CO_TRY(const std::string piece, co_await read());
    if (piece.empty() || text.size() > kMaxFacts) co_return diff_failed("Git's answer could not be read.");
    text += piece;
  }
  facts_ = {fields[0], fields[1], fields[2], fields[3], 0};
  std::from_chars(fields[4].data(), fields[4].data() + fields[4].size(), facts_.local_commits);
  ahead_ = std::move(text);
  co_return Result<void>();
}

Task<Result<std::string>> Comparison::next() {
  if (!ahead_.empty()) co_return std::exchange(ahead_, {});
  co_return co_await read();
}

Task<Result<std::string>> Comparison::read() {
  auto piece = co_await read_some(child_->output());
  if (!piece) co_return too_slow();
  if (!piece->empty()) co_return *std::move(piece);
  const auto status = co_await child_->wait();
  if (!status || !status->success()) co_return co_await failure();
  co_return std::string();
}

Task<base::Failure> Comparison::failure() {
  std::string words;
  while (words.size() < kMaxWords) {
    const auto piece = co_await read_some(child_->error());
    if (!piece || piece->empty()) break;
    words += *piece;
  }
  const std::string said(base::trim(plain_text(words)));
  co_return diff_failed("Git could not compare the workspace" + (said.empty() ? "." : ": " + said));
}

Task<Result<json::object>> read_changes(const SessionOptions& options, const model::Project& project) {
  auto outcome = co_await (read_all(options, project) || runtime::sleep_for(Comparison::kLimit));
  if (auto* changes = std::get_if<0>(&outcome)) co_return std::move(*changes);
  co_return too_slow();
}

}  // namespace omakase::agents
