#include "process/line_splitter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace omakase::process {
namespace {

// Lines as text, with a mark for what is not a whole one.
std::vector<std::string> split_in_chunks(std::string_view bytes, std::size_t max_line,
                                         const std::function<std::size_t()>& chunk) {
  LineSplitter splitter(max_line);
  std::vector<std::string> lines;
  const auto take = [&](const Line& line) {
    const std::string mark = line.kind == Line::Kind::kHalf ? "half:" : line.kind == Line::Kind::kOversize ? "oversize" : "";
    lines.push_back(mark + std::string(line.text));
  };
  while (!bytes.empty()) {
    const std::string copy(bytes.substr(0, chunk()));  // its own memory, so that a kept view would be noticed
    bytes.remove_prefix(copy.size());
    splitter.push(copy);
    while (const auto line = splitter.next()) take(*line);
  }
  if (const auto half = splitter.finish()) take(*half);
  return lines;
}

TEST(LineSplitter, GivesTheSameLinesWhateverTheChunks) {
  std::mt19937 random(7);  // fixed: a failure must come back
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 400, '\0');
    for (char& byte : bytes) byte = "\nab\0\xff"[random() % 5];
    const std::size_t max_line = 1 + random() % 40;
    const auto whole = split_in_chunks(bytes, max_line, [&] { return bytes.size(); });
    const auto single = split_in_chunks(bytes, max_line, [] { return std::size_t{1}; });
    const auto mixed = split_in_chunks(bytes, max_line, [&] { return 1 + random() % 60; });
    ASSERT_EQ(whole, single);
    ASSERT_EQ(whole, mixed);
  }
}

TEST(LineSplitter, TellsWholeEmptyAndHalfLinesApart) {
  EXPECT_EQ(split_in_chunks("one\n\ntwo\nthr", 100, [] { return 100; }),
            (std::vector<std::string>{"one", "", "two", "half:thr"}));
  EXPECT_TRUE(split_in_chunks("", 100, [] { return 100; }).empty());
}

TEST(LineSplitter, ReportsALineThatIsTooLongOnceAndGoesOnAfterIt) {
  const std::string bytes = "ok\n" + std::string(50, 'x') + "\nfine\n" + std::string(11, 'y');
  EXPECT_EQ(split_in_chunks(bytes, 10, [] { return 7; }), (std::vector<std::string>{"ok", "oversize", "fine", "oversize"}));
  EXPECT_EQ(split_in_chunks("0123456789\n", 10, [] { return 3; }), (std::vector<std::string>{"0123456789"}));
}

}  // namespace
}  // namespace omakase::process
