// Reads a unified diff as git writes it (`git diff`, a/ and b/ before the names), piece by piece, into what is shown of it: every
// file and line is counted, and of the text so much is kept as the limits below say, whole lines only. For one reader; pure. The
// bytes are hostile: names and lines become valid UTF-8, a diff that ends in the middle of a file gives what there was of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace omakase::agents {

struct ChangedFile {
  enum class Status { kAdded, kModified, kDeleted, kRenamed };
  std::string path;
  std::string old_path;  // of a renamed one, else empty
  Status status = Status::kModified;
  std::int64_t additions = 0;
  std::int64_t deletions = 0;
  bool binary = false;
  bool truncated = false;  // the patch is longer than what is kept
  std::string patch;       // from the first "@@"; empty when no line changed
};

class PatchReader {
 public:
  static constexpr std::size_t kMaxFiles = 1000;
  static constexpr std::size_t kMaxFilePatch = std::size_t{256} << 10;
  static constexpr std::size_t kMaxPatches = std::size_t{4} << 20;

  struct Summary {
    std::vector<ChangedFile> files;  // in the diff's order; the first kMaxFiles
    std::int64_t file_count = 0;
    std::int64_t additions = 0;
    std::int64_t deletions = 0;
  };

  void push(std::string_view bytes);

  // At the end of the diff; the reader is used up.
  Summary finish();

 private:
  // In the hunk there are still so many lines of the old and of the new file.
  struct Hunk {
    std::int64_t old_left = 0;
    std::int64_t new_left = 0;
    bool open() const { return old_left > 0 || new_left > 0; }
  };

  void on_line(std::string_view line, bool whole);
  void on_header(std::string_view line);
  bool on_hunk_line(std::string_view line, bool whole);
  void open_file(std::string_view names);
  void close_file();
  void mark_added();
  void keep(std::string_view line, bool whole);

  Summary summary_;
  ChangedFile file_;  // being read
  bool in_file_ = false;
  bool in_patch_ = false;  // after the file's first "@@"
  Hunk hunk_;
  std::size_t kept_ = 0;  // bytes of all patches
  std::string held_;      // the beginning of a line whose end has not come; as long as a patch may be
  bool cut_ = false;      // and the rest of that line is skipped
};

}  // namespace omakase::agents
