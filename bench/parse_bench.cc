// What it costs to understand an agent's lines: recorded ones of each kind, and a session's mix of them with large ones. Also how
// much memory the longest line takes (peak_mb: of the whole process, so run that benchmark alone).
#include <sys/resource.h>

#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agents/claude/events.h"
#include "base/json.h"

namespace omakase {

namespace {

using Lines = std::vector<std::string>;

const Lines& recorded() {
  static const Lines lines = [] {
    Lines all;
    for (const auto& entry : std::filesystem::directory_iterator(OMAKASE_SOURCE_FOLDER "/tests/golden/claude")) {
      if (entry.path().extension() != ".jsonl") continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) all.push_back(line);
    }
    return all;
  }();
  return lines;
}

Lines recorded_with(std::string_view part) {
  Lines some;
  for (const std::string& line : recorded()) {
    if (line.find(part) != std::string::npos) some.push_back(line);
  }
  return some;
}

// The result of a tool: source code as JSON has it, with quotes and newlines escaped.
std::string tool_result(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += R"(  42\tconst name = \"value\"; // what a program\u2019s source looks like: {a, b}\n)";
  const std::string head =
      R"({"type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":")";
  return head + text +
         R"(","is_error":false}]},"parent_tool_use_id":null,"session_id":"s","uuid":"u","tool_use_result":{"stdout":")" + text +
         R"(","stderr":"","interrupted":false}})";
}

std::string image(std::size_t bytes) {
  return R"({"type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":[{"type":"image",)"
         R"("source":{"type":"base64","media_type":"image/png","data":")" +
         std::string(bytes, 'A') + R"("}}]}]},"parent_tool_use_id":null,"session_id":"s","uuid":"u"})";
}

void parse(benchmark::State& state, const Lines& lines) {
  std::size_t bytes = 0;
  for (auto _ : state) {
    for (const std::string& line : lines) {
      benchmark::DoNotOptimize(agents::claude::parse_line(line));
      bytes += line.size() + 1;
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void parse_deltas(benchmark::State& state) { parse(state, recorded_with("text_delta")); }
void parse_blocks(benchmark::State& state) { parse(state, recorded_with(R"({"type":"assistant")")); }
void parse_tool_results(benchmark::State& state) { parse(state, {tool_result(25'000)}); }
void parse_images(benchmark::State& state) { parse(state, {image(5'000'000)}); }

// Everything recorded, twenty times, forty tool results of 50 KB, one picture of 5 MB.
Lines session_lines() {
  Lines session;
  for (int i = 0; i < 20; ++i) {
    session.insert(session.end(), recorded().begin(), recorded().end());
    session.push_back(tool_result(25'000));
    session.push_back(tool_result(25'000));
  }
  session.push_back(image(5'000'000));
  return session;
}

void parse_session(benchmark::State& state) { parse(state, session_lines()); }

// The peer: Boost.JSON, to values that nobody has looked at yet.
void parse_with_boost(benchmark::State& state, const Lines& lines) {
  std::size_t bytes = 0;
  for (auto _ : state) {
    for (const std::string& line : lines) {
      benchmark::DoNotOptimize(base::parse_json(line));
      bytes += line.size() + 1;
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void boost_session(benchmark::State& state) { parse_with_boost(state, session_lines()); }
void boost_deltas(benchmark::State& state) { parse_with_boost(state, recorded_with("text_delta")); }

void parse_longest_line(benchmark::State& state) {
  const auto peak_kb = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const std::string line = image(60'000'000);
  const auto before = peak_kb();
  parse(state, {line});
  state.counters["line_mb"] = static_cast<double>(line.size()) / 1e6;
  state.counters["peak_mb"] = static_cast<double>(peak_kb() - before) / 1e3;
}

BENCHMARK(parse_deltas);
BENCHMARK(parse_blocks);
BENCHMARK(parse_tool_results);
BENCHMARK(parse_images);
BENCHMARK(parse_session);
BENCHMARK(boost_session);
BENCHMARK(boost_deltas);
BENCHMARK(parse_longest_line)->Iterations(3);

}  // namespace

}  // namespace omakase
