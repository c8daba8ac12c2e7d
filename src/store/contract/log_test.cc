#include <gmock/gmock.h>

#include "store/contract/log_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

model::LogLine a_line(std::string message, model::LogLevel level = model::LogLevel::kInfo) {
  return {.timestamp = {5'000}, .level = level, .message = std::move(message)};
}

std::vector<std::string> texts(const std::vector<model::LogLine>& lines) {
  std::vector<std::string> out;
  out.reserve(lines.size());
  for (const auto& line : lines) out.push_back(line.message);
  return out;
}

TEST_P(LogContract, GivesBackALineAsItWasWrittenWithWhatItsRunSays) {
  model::LogLine written = a_line("two\nlines \xE3\x81\x8A", model::LogLevel::kWarn);
  written.source = "pytest";
  const auto committed = must(commit(AppendLog{.run_id = "tester", .lines = {written}}));
  reopen();
  const auto lines = page({}).lines;
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(model::to_json(lines[0]), model::to_json(committed.log.at(0)));
  EXPECT_EQ(lines[0].agent_name, "toro");
  EXPECT_EQ(lines[0].run_id, "tester");
  EXPECT_EQ(lines[0].timestamp.micros, 5'000);
  EXPECT_EQ(lines[0].level, model::LogLevel::kWarn);
  EXPECT_EQ(lines[0].source, "pytest");
  EXPECT_EQ(lines[0].message, written.message);
}

TEST_P(LogContract, AProjectsLinesAreInTheOrderOfTheirStoringAndItsAlone) {
  log("coder", {a_line("a"), a_line("b")});
  log("elsewhere", {a_line("x")});
  log("tester", {a_line("c")});
  EXPECT_THAT(texts(page({}).lines), ElementsAre("a", "b", "c"));
  EXPECT_THAT(texts(page({.project_id = "other"}).lines), ElementsAre("x"));
  EXPECT_THAT(page({.project_id = "nobody"}).lines, IsEmpty());
}

TEST_P(LogContract, PagesLeadBackFromTheEndAndOnFromALine) {
  for (const auto* text : {"a", "b", "c", "d", "e"}) log("coder", {a_line(text)});
  LogPage newest = page({.limit = 2});
  EXPECT_THAT(texts(newest.lines), ElementsAre("d", "e"));
  LogPage older = page({.before = newest.next, .limit = 2});
  EXPECT_THAT(texts(older.lines), ElementsAre("b", "c"));
  LogPage oldest = page({.before = older.next, .limit = 2});
  EXPECT_THAT(texts(oldest.lines), ElementsAre("a"));
  EXPECT_FALSE(oldest.next.has_value());

  const LogPage after = page({.since = older.lines.back().n, .limit = 1});
  EXPECT_THAT(texts(after.lines), ElementsAre("d"));
  const LogPage rest = page({.since = after.next, .limit = 10});
  EXPECT_THAT(texts(rest.lines), ElementsAre("e"));
  EXPECT_FALSE(rest.next.has_value());
}

TEST_P(LogContract, FindsLinesByAgentLevelAndText) {
  log("coder", {a_line("Ran TESTS", model::LogLevel::kDebug), a_line("tests failed", model::LogLevel::kError)});
  log("tester", {a_line("all tests pass"), a_line("100% [done]")});
  EXPECT_THAT(texts(page({.agents = {"toro"}}).lines), ElementsAre("all tests pass", "100% [done]"));
  EXPECT_THAT(texts(page({.agents = {"toro", "nori"}, .text = "Tests"}).lines),
              ElementsAre("Ran TESTS", "tests failed", "all tests pass"));
  EXPECT_THAT(texts(page({.level = model::LogLevel::kInfo, .text = "TESTS"}).lines),
              ElementsAre("tests failed", "all tests pass"));
  EXPECT_THAT(texts(page({.level = model::LogLevel::kError}).lines), ElementsAre("tests failed"));
  EXPECT_THAT(texts(page({.text = "100% ["}).lines), ElementsAre("100% [done]"));
}

TEST_P(LogContract, ASearchEndsItsPageEarlyAndGoesOnFromThere) {
  std::vector<model::LogLine> many(MessageLog::kMaxLogLookedAt + 10, a_line("noise"));
  many.front().message = "needle";
  log("coder", std::move(many));
  const LogPage first = page({.text = "needle"});
  EXPECT_THAT(first.lines, IsEmpty());
  ASSERT_TRUE(first.next.has_value());
  EXPECT_THAT(texts(page({.before = first.next, .text = "needle"}).lines), ElementsAre("needle"));
}

TEST_P(LogContract, LinesOfAnEndedRunAreRefusedOnlyWhereThatIsAsked) {
  must(commit(UpdateRun{.run_id = "coder", .status = model::RunStatus::kCompleted}));
  EXPECT_EQ(code(commit(AppendLog{.run_id = "coder", .lines = {a_line("late")}, .require_active = true})), "run_not_active");
  EXPECT_EQ(code(commit(AppendLog{.run_id = "nobody", .lines = {a_line("lost")}})), "run_not_found");
  log("coder", {a_line("last words")});
  EXPECT_THAT(texts(page({}).lines), ElementsAre("last words"));
}

TEST_P(LogContract, AThreadIsTakenAwayWithEverythingThatWasSaidInIt) {
  must(catalog().create_project(a_project(a_run("any").project_id)));
  must(catalog().create_thread(a_thread("gone")));
  must(catalog().create_thread(a_thread("kept")));
  for (const std::string thread : {"gone", "kept"}) {
    model::Run run = a_run(thread + "-run");
    run.thread_id = thread;
    run.cost_usd = 0.5;
    start(run);
    append(a_message(run.id, thread + "-message"));
    log(run.id, {a_line(thread + " line")});
    must(commit(AskPermission{{.request_id = "p", .run_id = run.id, .tool = "Bash"}}));
  }
  EXPECT_EQ(code(commit(DeleteThread{"gone"})), "thread_active");
  must(commit(UpdateRun{.run_id = "gone-run", .status = model::RunStatus::kCompleted, .output_summary = "words"}));
  EXPECT_THAT(must(commit(DeleteThread{"gone"})).forgotten_runs, ElementsAre("gone-run"));
  reopen();
  EXPECT_FALSE(must(catalog().thread("gone")).has_value());
  EXPECT_THAT(list({.by = MessageQuery::By::kThread, .id = "gone"}), IsEmpty());
  EXPECT_THAT(ids_of_run("gone-run"), IsEmpty());
  EXPECT_THAT(must(messages().permissions("gone-run", false)), IsEmpty());
  EXPECT_THAT(texts(page({}).lines), ElementsAre("kept line"));
  const auto run = must(messages().run("gone-run"));
  EXPECT_EQ(run->cost_usd, 0.5) << "what it cost stays";
  EXPECT_FALSE(run->output_summary || run->thread_id);
  EXPECT_THAT(ids_of_run("kept-run"), ElementsAre("kept-message"));
  EXPECT_EQ(must(messages().permissions("kept-run", false)).size(), 1u);
  EXPECT_EQ(code(commit(DeleteThread{"gone"})), "thread_not_found");
}

TEST_P(LogContract, KeepsTheNewestLinesOfAProject) {
  log("elsewhere", {a_line("x")});
  for (int i = 0; i < 21; ++i) log("coder", std::vector<model::LogLine>(10'000, a_line("line")));
  log("coder", {a_line("newest")});
  const LogPage newest = page({.limit = 1});
  EXPECT_THAT(texts(newest.lines), ElementsAre("newest"));
  const std::int64_t last = newest.lines.front().n;
  const LogPage before_those_kept = page({.before = last - MessageLog::kMaxLogLines - 1'000, .limit = 1});
  EXPECT_THAT(before_those_kept.lines, IsEmpty());
  EXPECT_EQ(page({.before = last - MessageLog::kMaxLogLines + 1'000, .limit = 1}).lines.size(), 1u);
  EXPECT_THAT(texts(page({.project_id = "other"}).lines), ElementsAre("x"));
}

}  // namespace
}  // namespace omakase::store::contract
