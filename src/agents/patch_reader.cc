#include "agents/patch_reader.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"

namespace omakase::agents {

namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The byte that follows a backslash in a name that git quoted as C does; takes it off the front.
char unescape(std::string_view& text) {
  const char c = text.front();
  text.remove_prefix(1);
  if (c < '0' || c > '3' || text.size() < 2) {
    constexpr std::string_view kNames = "abtnvfr";
    const std::size_t at = kNames.find(c);
    return at == std::string_view::npos ? c : "\a\b\t\n\v\f\r"[at];
  }
  const int value = (c - '0') * 64 + (text[0] - '0') * 8 + (text[1] - '0');
  text.remove_prefix(2);
  return static_cast<char>(value);
}

// A name at the front of `text`, quoted or (to the end) plain; taken off.
std::string take_name(std::string_view& text) {
  if (!take_prefix(text, "\"")) return std::string(std::exchange(text, {}));
  std::string name;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') break;
    name.push_back(c == '\\' && !text.empty() ? unescape(text) : c);
  }
  return name;
}

// What follows "diff --git ": `a/name b/name`, both quoted or neither. They differ only where a rename is told, and then the name
// is read from there.
std::string name_of(std::string_view names) {
  if (names.starts_with('"')) return take_name(names).erase(0, 2);
  constexpr std::string_view kBetween = " b/";
  const std::size_t half = names.size() / 2;
  if (names.size() <= 2 || names.substr(half, kBetween.size()) != kBetween) return std::string(names);
  return std::string(names.substr(half + kBetween.size()));
}

// "12,3 rest" or "12 rest": how many lines, 1 when it is not said. nullopt: no range.
std::optional<std::int64_t> take_range(std::string_view& text) {
  std::int64_t start = 0;
  std::int64_t count = 1;
  auto read = std::from_chars(text.data(), text.data() + text.size(), start);
  if (read.ec != std::errc()) return std::nullopt;
  text.remove_prefix(read.ptr - text.data());
  if (take_prefix(text, ",")) {
    read = std::from_chars(text.data(), text.data() + text.size(), count);
    if (read.ec != std::errc() || count < 0) return std::nullopt;
    text.remove_prefix(read.ptr - text.data());
  }
  return count;
}

}  // namespace

void PatchReader::push(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (end != std::string_view::npos && held_.empty()) {
      on_line(piece, true);
      continue;
    }
    const std::size_t room = kMaxFilePatch - held_.size();
    cut_ = cut_ || piece.size() > room;
    held_.append(piece.substr(0, room));
    if (end == std::string_view::npos) return;
    on_line(held_, !cut_);
    held_.clear();
    cut_ = false;
  }
}

PatchReader::Summary PatchReader::finish() {
  if (!held_.empty()) on_line(held_, !cut_);
  close_file();
  return std::move(summary_);
}

void PatchReader::on_line(std::string_view line, bool whole) {
  if (!on_hunk_line(line, whole)) on_header(line);
}

// A hunk says how long it is: what stands in a file is never taken for a header.
bool PatchReader::on_hunk_line(std::string_view line, bool whole) {
  const char kind = line.empty() ? ' ' : line.front();
  if (in_patch_ && kind == '\\') {
    keep(line, whole);
    return true;
  }
  if (!hunk_.open()) return false;
  if (kind == '+') {
    --hunk_.new_left;
    ++file_.additions;
    ++summary_.additions;
  } else if (kind == '-') {
    --hunk_.old_left;
    ++file_.deletions;
    ++summary_.deletions;
  } else if (kind == ' ') {
    --hunk_.old_left;
    --hunk_.new_left;
  } else {
    hunk_ = {};
    return false;
  }
  keep(line, whole);
  return true;
}

void PatchReader::on_header(std::string_view line) {
  const std::string_view all = line;
  if (take_prefix(line, "diff --git ")) {
    close_file();
    open_file(line);
  } else if (!in_file_) {
    return;
  } else if (take_prefix(line, "@@ -")) {
    const auto old_lines = take_range(line);
    const auto new_lines = old_lines && take_prefix(line, " +") ? take_range(line) : std::nullopt;
    if (!new_lines) return;
    hunk_ = {*old_lines, *new_lines};
    in_patch_ = true;
    keep(all, true);
  } else if (take_prefix(line, "new file mode ")) {
    mark_added();
  } else if (take_prefix(line, "deleted file mode ")) {
    file_.status = ChangedFile::Status::kDeleted;
  } else if (take_prefix(line, "rename from ")) {
    file_.status = ChangedFile::Status::kRenamed;
    file_.old_path = take_name(line);
  } else if (take_prefix(line, "rename to ")) {
    file_.path = take_name(line);
  } else if (line.starts_with("Binary files ")) {
    file_.binary = true;
  }
}

void PatchReader::open_file(std::string_view names) {
  file_ = {};
  file_.path = name_of(names);
  in_file_ = true;
}

void PatchReader::close_file() {
  if (!in_file_) return;
  in_file_ = in_patch_ = false;
  hunk_ = {};
  ++summary_.file_count;
  if (summary_.files.size() == kMaxFiles) return;
  file_.path = base::scrub_utf8(file_.path);
  file_.old_path = base::scrub_utf8(file_.old_path);
  file_.patch = base::scrub_utf8(file_.patch);
  summary_.files.push_back(std::move(file_));
}

// Of a file that became a link, or the other way round, git writes that one is deleted and the other added: it is one change.
void PatchReader::mark_added() {
  file_.status = ChangedFile::Status::kAdded;
  if (summary_.files.empty() || std::ssize(summary_.files) != summary_.file_count) return;
  ChangedFile& before = summary_.files.back();
  if (before.status != ChangedFile::Status::kDeleted || before.path != base::scrub_utf8(file_.path)) return;
  file_ = std::move(before);
  file_.status = ChangedFile::Status::kModified;
  summary_.files.pop_back();
  --summary_.file_count;
}

void PatchReader::keep(std::string_view line, bool whole) {
  if (file_.truncated) return;
  const std::size_t size = line.size() + 1;
  const bool shown = summary_.files.size() < kMaxFiles;
  if (!whole || !shown || file_.patch.size() + size > kMaxFilePatch || kept_ + size > kMaxPatches) {
    file_.truncated = true;
    return;
  }
  kept_ += size;
  file_.patch.append(line).push_back('\n');
}

}  // namespace omakase::agents
