#include "agents/patch_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omakase::agents {
namespace {

using Status = ChangedFile::Status;

PatchReader::Summary read(std::string_view diff) {
  PatchReader reader;
  reader.push(diff);
  return reader.finish();
}

constexpr std::string_view kModified =
    "diff --git a/greet.sh b/greet.sh\n"
    "index 1..2 100644\n"
    "--- a/greet.sh\n"
    "+++ b/greet.sh\n"
    "@@ -1,3 +1,4 @@ greet() {\n"
    " one\n"
    "-two\n"
    "+2\n"
    "+2.5\n"
    " three\n";

TEST(PatchReader, CountsTheLinesOfAFileAndKeepsItsHunks) {
  const auto summary = read(kModified);
  ASSERT_EQ(summary.files.size(), 1u);
  const ChangedFile& file = summary.files.front();
  EXPECT_EQ(file.path, "greet.sh");
  EXPECT_EQ(file.status, Status::kModified);
  EXPECT_EQ(file.additions, 2);
  EXPECT_EQ(file.deletions, 1);
  EXPECT_FALSE(file.binary || file.truncated);
  EXPECT_EQ(file.patch, kModified.substr(kModified.find("@@")));
  EXPECT_EQ(summary.file_count, 1);
  EXPECT_EQ(summary.additions, 2);
  EXPECT_EQ(summary.deletions, 1);
}

TEST(PatchReader, GivesTheSameWhereverTheBytesAreCut) {
  std::string diff(kModified);
  diff +=
      "diff --git \"a/t\\303\\251\\n\" \"b/t\\303\\251\\n\"\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+x\n";
  const auto whole = read(diff);
  for (std::size_t cut = 0; cut <= diff.size(); ++cut) {
    PatchReader reader;
    reader.push(std::string_view(diff).substr(0, cut));
    reader.push(std::string_view(diff).substr(cut));
    const auto summary = reader.finish();
    ASSERT_EQ(summary.files.size(), 2u) << cut;
    EXPECT_EQ(summary.files[0].patch, whole.files[0].patch) << cut;
    EXPECT_EQ(summary.files[1].path, "t\xC3\xA9\n") << cut;
    EXPECT_EQ(summary.files[1].patch, "@@ -0,0 +1 @@\n+x\n") << cut;
  }
}

TEST(PatchReader, KnowsWhatHappenedToAFile) {
  const auto files =
      read(
          "diff --git a/new b/new\nnew file mode 100644\nindex 0..1\n"
          "diff --git a/gone b/gone\ndeleted file mode 100644\nindex 1..0\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
          "diff --git a/old name b/new name\nsimilarity index 100%\nrename from old name\nrename to new name\n"
          "diff --git a/picture b/picture\nindex 1..2 100644\nBinary files a/picture and b/picture differ\n"
          "diff --git a/run me b/run me\nold mode 100644\nnew mode 100755\n")
          .files;
  ASSERT_EQ(files.size(), 5u);
  EXPECT_EQ(files[0].status, Status::kAdded);
  EXPECT_EQ(files[1].status, Status::kDeleted);
  EXPECT_EQ(files[1].deletions, 1);
  EXPECT_EQ(files[2].status, Status::kRenamed);
  EXPECT_EQ(files[2].old_path, "old name");
  EXPECT_EQ(files[2].path, "new name");
  EXPECT_TRUE(files[3].binary);
  EXPECT_EQ(files[4].path, "run me");
  EXPECT_EQ(files[4].status, Status::kModified);
  EXPECT_EQ(files[4].patch, "");
}

TEST(PatchReader, TakesNothingInAFileForAHeader) {
  const auto summary = read(
      "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,3 @@\n diff --git a/x b/x\n--- a/y\n+++ b/z\n+@@ -1 +1 @@\n"
      "\\ No newline at end of file\n"
      "diff --git a/b b/b\n--- a/b\n+++ b/b\n@@ -1 +1 @@\n-1\n+2\n");
  ASSERT_EQ(summary.files.size(), 2u);
  EXPECT_EQ(summary.files[0].additions, 2);
  EXPECT_EQ(summary.files[0].deletions, 1);
  EXPECT_THAT(summary.files[0].patch, testing::EndsWith("\\ No newline at end of file\n"));
  EXPECT_EQ(summary.files[1].path, "b");
}

TEST(PatchReader, CallsAFileThatBecameALinkOneChange) {
  const auto summary = read(
      "diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
      "diff --git a/f b/f\nnew file mode 120000\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+target\n\\ No newline at end of file\n");
  ASSERT_EQ(summary.files.size(), 1u);
  EXPECT_EQ(summary.file_count, 1);
  EXPECT_EQ(summary.files[0].status, Status::kModified);
  EXPECT_EQ(summary.files[0].additions, 1);
  EXPECT_EQ(summary.files[0].deletions, 1);
}

TEST(PatchReader, ReadsNamesThatGitQuotes) {
  const auto files = read(
                         "diff --git \"a/q\\\"uote\\\\ \\t\\001\" \"b/q\\\"uote\\\\ \\t\\001\"\nnew file mode 100644\n"
                         "diff --git \"a/\\n\" b/plain\nsimilarity index 100%\nrename from \"\\n\"\nrename to plain\n"
                         "diff --git a/latin\xE9 b/latin\xE9\nnew file mode 100644\n")
                         .files;
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].path, "q\"uote\\ \t\x01");
  EXPECT_EQ(files[1].old_path, "\n");
  EXPECT_EQ(files[1].path, "plain");
  EXPECT_EQ(files[2].path, "latin\xEF\xBF\xBD");
}

std::string added(const std::string& name, std::size_t lines, std::size_t line_bytes) {
  std::string diff = "diff --git a/" + name + " b/" + name + "\nnew file mode 100644\n--- /dev/null\n+++ b/" + name +
                     "\n@@ -0,0 +1," + std::to_string(lines) + " @@\n";
  for (std::size_t line = 0; line < lines; ++line) diff += "+" + std::string(line_bytes, 'x') + "\n";
  return diff;
}

TEST(PatchReader, KeepsWholeLinesOfALongPatchAndCountsTheRest) {
  const auto summary = read(added("long", 10'000, 98) + std::string(kModified));
  ASSERT_EQ(summary.files.size(), 2u);
  EXPECT_EQ(summary.files[0].additions, 10'000);
  EXPECT_TRUE(summary.files[0].truncated);
  EXPECT_LE(summary.files[0].patch.size(), PatchReader::kMaxFilePatch);
  EXPECT_GT(summary.files[0].patch.size(), PatchReader::kMaxFilePatch - 200);
  EXPECT_THAT(summary.files[0].patch, testing::EndsWith("x\n"));
  EXPECT_FALSE(summary.files[1].truncated);
}

TEST(PatchReader, PassesOverALineOfManyMegabytes) {
  PatchReader reader;
  reader.push("diff --git a/one b/one\n--- a/one\n+++ b/one\n@@ -1 +1,2 @@\n-1\n+");
  for (int piece = 0; piece < 1000; ++piece) reader.push(std::string(10'000, 'y'));
  reader.push("\n+last\n" + std::string(kModified));
  const auto summary = reader.finish();
  ASSERT_EQ(summary.files.size(), 2u);
  EXPECT_TRUE(summary.files[0].truncated);
  EXPECT_EQ(summary.files[0].patch, "@@ -1 +1,2 @@\n-1\n");
  EXPECT_EQ(summary.files[0].additions, 2);
  EXPECT_FALSE(summary.files[1].truncated);
}

TEST(PatchReader, KeepsFourMegabytesAndAThousandFilesAndCountsAll) {
  std::string diff;
  for (int file = 0; file < 1200; ++file) diff += added("f" + std::to_string(file), 100, 98);
  const auto summary = read(diff);
  EXPECT_EQ(summary.files.size(), PatchReader::kMaxFiles);
  EXPECT_EQ(summary.file_count, 1200);
  EXPECT_EQ(summary.additions, 120'000);
  std::size_t kept = 0;
  for (const ChangedFile& file : summary.files) kept += file.patch.size();
  EXPECT_LE(kept, PatchReader::kMaxPatches);
  EXPECT_FALSE(summary.files.front().truncated);
  EXPECT_TRUE(summary.files.back().truncated);
}

TEST(PatchReader, MakesNothingOfWhatIsNoDiff) {
  for (const std::string_view text : {"", "\n", "hello\n", "@@ -1 +1 @@\n-a\n", "* Unmerged path x\n", "\\\n"}) {
    EXPECT_EQ(read(text).file_count, 0) << text;
  }
  const auto odd = read("diff --git \n@@ -x\n@@ -1,99999999999999999999 +1 @@\n+a\n");
  EXPECT_EQ(odd.file_count, 1);
  EXPECT_EQ(odd.additions, 0);
}

}  // namespace
}  // namespace omakase::agents
