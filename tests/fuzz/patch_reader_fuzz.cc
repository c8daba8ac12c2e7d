// Whatever a diff holds, in whatever pieces it comes, its summary keeps the limits and is valid UTF-8, and the pieces do not
// matter.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agents/patch_reader.h"
#include "base/text.h"

namespace omakase {
namespace {
using agents::PatchReader;

void must(bool holds) {
  if (!holds) std::abort();
}

PatchReader::Summary read(std::string_view diff, std::size_t piece) {
  PatchReader reader;
  for (std::size_t at = 0; at < diff.size(); at += piece) reader.push(diff.substr(at, piece));
  return reader.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view diff(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = read(diff, std::max<std::size_t>(diff.size(), 1));
  const auto pieces = read(diff, std::size_t{1} + data[0]);
  must(whole.files.size() <= PatchReader::kMaxFiles && whole.files.size() == pieces.files.size());
  must(whole.file_count >= std::ssize(whole.files) && whole.additions >= 0 && whole.deletions >= 0);
  for (std::size_t at = 0; at < whole.files.size(); ++at) {
    const agents::ChangedFile& file = whole.files[at];
    must(base::valid_utf8(file.path) && base::valid_utf8(file.old_path) && base::valid_utf8(file.patch));
    must(file.path == pieces.files[at].path && file.patch == pieces.files[at].patch);
  }
  return 0;
}

}  // namespace omakase
