#include <gmock/gmock.h>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_P(MessageLogContract, GivesBackARunAsItWasStarted) {
  model::Run run = a_session("run", "project");
  run.role = model::Role::kArchitect;
  run.feature_id = "feature";
  run.thread_id = "thread";
  run.token_hash = "hash";
  start(run);
  const auto stored = must(messages().run("run"));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(model::to_json(*stored, {}), model::to_json(run, {}));
  EXPECT_EQ(stored->kind, model::RunKind::kWorkSession);
  EXPECT_EQ(must(messages().run_by_token("hash"))->id, "run");
  EXPECT_FALSE(must(messages().run("other")).has_value());
  EXPECT_FALSE(must(messages().run_by_token("")).has_value());
}

TEST_P(MessageLogContract, ARunsIdIsTakenOnce) {
  start(a_run("run"));
  EXPECT_EQ(code(commit(StartRun{a_run("run")})), "id_conflict");
}

TEST_P(MessageLogContract, AnUpdateChangesWhatItNamesAndNothingElse) {
  start(a_run("run"));
  must(commit(UpdateRun{.run_id = "run", .output_summary = "Half done."}));
  const auto run = must(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kCoding, .cost_usd = 0.5})).run;
  EXPECT_EQ(run->status, model::RunStatus::kCoding);
  EXPECT_EQ(run->output_summary, "Half done.");
  EXPECT_EQ(run->cost_usd, 0.5);
  EXPECT_FALSE(run->completed_at.has_value());
  EXPECT_EQ(code(commit(UpdateRun{.run_id = "nobody"})), "run_not_found");
}

TEST_P(MessageLogContract, ARunEndsOnceAtTheTimeOfItsEndingStatus) {
  start(a_run("run"));
  clock_.advance(5);
  const auto ended = must(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kFailed, .error_message = "No."})).run;
  EXPECT_EQ(ended->completed_at, clock_.now());
  EXPECT_EQ(code(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kCompleted})), "run_not_active");
  must(commit(UpdateRun{.run_id = "run", .cost_usd = 1.5}));
  EXPECT_EQ(must(messages().run("run"))->cost_usd, 1.5);
  EXPECT_EQ(must(messages().run("run"))->status, model::RunStatus::kFailed);
}

TEST_P(MessageLogContract, OfConcurrentWorkSessionsOfAProjectOneStarts) {
  std::vector<Task<Result<Committed>>> starts;
  starts.reserve(64);
  for (int i = 0; i < 64; ++i) starts.push_back(commit(StartRun{a_session("run" + std::to_string(i), "project")}));
  std::vector<std::string> started;
  for (const auto& result : all(std::move(starts))) {
    if (result) started.push_back(result->run->id);
    if (!result) EXPECT_EQ(result.error().code, "session_exists");
  }
  ASSERT_EQ(started.size(), 1u);
  EXPECT_EQ(must(messages().active_session("project"))->id, started[0]);
  EXPECT_EQ(must(messages().runs_of_project("project", std::nullopt, 100)).size(), 1u);
}

TEST_P(MessageLogContract, AnEndedWorkSessionMakesRoomForTheNext) {
  start(a_session("first", "project"));
  EXPECT_EQ(code(commit(StartRun{a_session("second", "project")})), "session_exists");
  start(a_session("elsewhere", "other"));
  start(a_run("external"));
  must(commit(UpdateRun{.run_id = "first", .status = model::RunStatus::kCompleted}));
  EXPECT_FALSE(must(messages().active_session("project")).has_value());
  start(a_session("second", "project"));
  EXPECT_EQ(must(messages().active_session("project"))->id, "second");
}

TEST_P(MessageLogContract, AProjectHasAnyNumberOfChatsBesideItsWorkSession) {
  model::Run chat = a_session("chat1", "project");
  chat.kind = model::RunKind::kChat;
  start(chat);
  chat.id = "chat2";
  start(chat);
  start(a_session("session", "project"));
  chat.id = "chat3";
  start(chat);
  EXPECT_EQ(must(messages().active_session("project"))->id, "session");
  EXPECT_THAT(ids(must(messages().active_runs(model::RunKind::kChat))), ElementsAre("chat1", "chat2", "chat3"));
  must(commit(UpdateRun{.run_id = "chat2", .status = model::RunStatus::kCompleted}));
  EXPECT_THAT(ids(must(messages().active_runs_of_project("project", 10))), UnorderedElementsAre("session", "chat1", "chat3"));
  EXPECT_THAT(ids(must(messages().active_runs_of_project("project", 1))), ElementsAre("session"));
  EXPECT_THAT(must(messages().active_runs_of_project("another", 10)), IsEmpty());
}

TEST_P(MessageLogContract, FindsActiveRunsByKindAndByThread) {
  model::Run in_thread = a_run("external");
  in_thread.thread_id = "thread";
  start(in_thread);
  start(a_session("session1", "one"));
  start(a_session("session2", "two"));
  must(commit(UpdateRun{.run_id = "session1", .status = model::RunStatus::kFailed}));
  EXPECT_THAT(ids(must(messages().active_runs(model::RunKind::kWorkSession))), ElementsAre("session2"));
  EXPECT_THAT(ids(must(messages().active_runs(model::RunKind::kExternal))), ElementsAre("external"));
  EXPECT_EQ(must(messages().active_run_of_thread("thread"))->id, "external");
  must(commit(UpdateRun{.run_id = "external", .status = model::RunStatus::kCompleted}));
  EXPECT_FALSE(must(messages().active_run_of_thread("thread")).has_value());
}

TEST_P(MessageLogContract, ASessionsSettingsAndContextAreKept) {
  model::Run run = a_session("run", "project");
  run.permission_mode = model::PermissionMode::kAcceptEdits;
  run.model = "opus";
  start(run);
  must(commit(UpdateRun{.run_id = "run", .context_tokens = 1'200, .context_window = 200'000}));
  reopen();
  auto stored = must(messages().run("run"));
  EXPECT_EQ(stored->permission_mode, model::PermissionMode::kAcceptEdits);
  EXPECT_EQ(stored->model, "opus");
  EXPECT_EQ(stored->context_tokens, 1'200);
  EXPECT_EQ(stored->context_window, 200'000);
  stored = must(commit(UpdateRun{.run_id = "run",
                                 .permission_mode = model::PermissionMode::kAsk,
                                 .model = std::optional<std::string>(),
                                 .context_tokens = 1'300}))
               .run;
  EXPECT_EQ(stored->permission_mode, model::PermissionMode::kAsk);
  EXPECT_FALSE(stored->model.has_value());
  EXPECT_EQ(stored->context_tokens, 1'300);
  EXPECT_EQ(stored->context_window, 200'000);
}

TEST_P(MessageLogContract, AModelCallAddsToItsRunsUsageOnce) {
  start(a_run("run"));
  start(a_run("other"));
  const model::Usage usage{
      .input_tokens = 10, .output_tokens = 20, .cache_read_tokens = 30, .cache_write_tokens = 40, .requests = 1};
  const auto call = [&](std::string run, std::string id) {
    return must(commit(RecordModelCall{.run_id = std::move(run),
                                       .call = {.id = std::move(id), .model = "opus", .status = 200, .usage = usage}}))
        .run->usage;
  };
  EXPECT_EQ(call("run", "c1"), usage);
  EXPECT_EQ(call("run", "c1"), usage) << "a replay counts nothing twice";
  const model::Usage twice{
      .input_tokens = 20, .output_tokens = 40, .cache_read_tokens = 60, .cache_write_tokens = 80, .requests = 2};
  EXPECT_EQ(call("run", "c2"), twice);
  EXPECT_EQ(call("other", "c1"), usage);
  EXPECT_EQ(code(commit(RecordModelCall{.run_id = "nobody", .call = {.id = "c1"}})), "run_not_found");
  must(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kCompleted}));
  call("run", "c3");
  reopen();
  EXPECT_EQ(must(messages().run("run"))->usage.requests, 3) << "a call that ends after its run is counted too";
}

TEST_P(MessageLogContract, TheRunsOfAProjectComeNewestFirstInPages) {
  for (int i = 1; i <= 5; ++i) {
    model::Run run = a_run("run" + std::to_string(i));
    run.started_at = {i};
    start(run);
  }
  const auto page = must(messages().runs_of_project("project", std::nullopt, 2));
  EXPECT_THAT(ids(page), ElementsAre("run5", "run4"));
  EXPECT_THAT(ids(must(messages().runs_of_project("project", page.back().started_at, 10))), ElementsAre("run3", "run2", "run1"));
  EXPECT_THAT(must(messages().runs_of_project("other", std::nullopt, 10)), IsEmpty());
}

TEST_P(MessageLogContract, TheRunsOfAnAgentComeNewestFirstInPagesFromAllProjectsOrOne) {
  for (int i = 1; i <= 5; ++i) {
    model::Run run = a_run("run" + std::to_string(i));
    run.started_at = {i};
    run.project_id = i % 2 == 0 ? "even" : "odd";
    start(run);
  }
  model::Run other = a_run("other");
  other.agent_name = "miso";
  start(other);
  const auto page = must(messages().runs_of_agent("nori", std::nullopt, std::nullopt, 2));
  EXPECT_THAT(ids(page), ElementsAre("run5", "run4"));
  EXPECT_THAT(ids(must(messages().runs_of_agent("nori", std::nullopt, page.back().started_at, 10))),
              ElementsAre("run3", "run2", "run1"));
  EXPECT_THAT(ids(must(messages().runs_of_agent("nori", "odd", std::nullopt, 2))), ElementsAre("run5", "run3"));
  EXPECT_THAT(ids(must(messages().runs_of_agent("nori", "odd", Timestamp{3}, 2))), ElementsAre("run1"));
  EXPECT_THAT(must(messages().runs_of_agent("koji", std::nullopt, std::nullopt, 10)), IsEmpty());
}

TEST_P(MessageLogContract, AnAgentsTotalsAddUpWhatItsRunsCameTo) {
  const auto none = must(messages().totals_of_agent("nori", std::nullopt));
  EXPECT_EQ(none.runs, 0);
  EXPECT_FALSE(none.cost_usd.has_value()) << "what nobody knows is not zero";
  for (const char* id : {"done", "failed", "goes on", "elsewhere"}) {
    model::Run run = a_run(id);
    if (run.id == "elsewhere") run.project_id = "another";
    start(run);
    must(commit(RecordModelCall{
        .run_id = id,
        .call = {.id = "c", .usage = {.input_tokens = 1, .output_tokens = 2, .cache_read_tokens = 3, .requests = 1}}}));
  }
  must(commit(UpdateRun{.run_id = "done", .status = model::RunStatus::kCompleted, .cost_usd = 0.5}));
  must(commit(UpdateRun{.run_id = "failed", .status = model::RunStatus::kFailed, .cost_usd = 0.25}));
  must(commit(UpdateRun{.run_id = "elsewhere", .status = model::RunStatus::kCompleted, .cost_usd = 1.0}));
  reopen();
  const auto all = must(messages().totals_of_agent("nori", std::nullopt));
  EXPECT_EQ(all.runs, 4);
  EXPECT_EQ(all.completed, 2);
  EXPECT_EQ(all.failed, 1);
  EXPECT_EQ(all.cost_usd, 1.75);
  EXPECT_EQ(all.usage.output_tokens, 8);
  EXPECT_EQ(all.usage.requests, 4);
  const auto here = must(messages().totals_of_agent("nori", "project"));
  EXPECT_EQ(here.runs, 3);
  EXPECT_EQ(here.completed, 1);
  EXPECT_EQ(here.cost_usd, 0.75);
  EXPECT_EQ(here.usage.cache_read_tokens, 9);
  EXPECT_EQ(must(messages().totals_of_agent("miso", std::nullopt)).runs, 0);
}

TEST_P(MessageLogContract, AMemberSeesAnAgentsRunsInTheProjectsTheyBelongTo) {
  for (const char* id : {"mine", "other"}) {
    model::Run run = a_run(id);
    run.project_id = id;
    start(run);
  }
  must(people().add_member("mine", "ana"));
  EXPECT_THAT(ids(must(messages().runs_of_agent("nori", std::nullopt, std::nullopt, 10, "ana"))), ElementsAre("mine"));
  EXPECT_THAT(must(messages().runs_of_agent("nori", "other", std::nullopt, 10, "ana")), IsEmpty());
  EXPECT_EQ(must(messages().totals_of_agent("nori", std::nullopt, "ana")).runs, 1);
  EXPECT_EQ(must(messages().totals_of_agent("nori", "other", "ana")).runs, 0);
}

TEST_P(MessageLogContract, TheAgentsConversationIsKeptWithTheThread) {
  must(catalog().create_thread(a_thread("thread")));
  model::Run run = a_run("run");
  run.thread_id = "thread";
  start(run);
  must(commit(UpdateRun{.run_id = "run", .agent_session = "conversation"}));
  EXPECT_EQ(must(catalog().thread("thread"))->thread.agent_session, "conversation");
}

}  // namespace
}  // namespace omakase::store::contract
