#include <gmock/gmock.h>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> project_ids(const std::vector<ProjectSummary>& rows) {
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const auto& row : rows) out.push_back(row.project.id);
  return out;
}

std::vector<std::string> thread_ids(const std::vector<ThreadSummary>& rows) {
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const auto& row : rows) out.push_back(row.thread.id);
  return out;
}

Task<std::int64_t> append_text(MessageLog& log) {
  Commit commit;
  commit.changes.push_back(a_message("run", "m1"));
  co_return (co_await log.commit(std::move(commit))).has_value() ? 1 : 0;
}

// The thread's count of messages as its renaming tells it.
Task<std::int64_t> rename_and_count(Catalog& catalog) {
  const auto thread = co_await catalog.update_thread("thread", {.title = "New"});
  co_return thread && *thread ? (*thread)->message_count : -1;
}

TEST_P(CatalogContract, GivesBackAProjectAsItWasCreated) {
  model::Project project = a_project("p1", 7);
  project.repo_url = "https://example.com/shop.git";
  project.default_branch = "main";
  must(catalog().create_project(project));
  reopen();
  const auto stored = must(catalog().project("p1"));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(model::to_json(stored->project), model::to_json(project));
  EXPECT_FALSE(stored->last_activity_at.has_value());
  EXPECT_FALSE(stored->active_run.has_value());
  EXPECT_FALSE(must(catalog().project("p2")).has_value());
  EXPECT_EQ(code(catalog().create_project(a_project("p1"))), "id_conflict");
}

TEST_P(CatalogContract, AProjectChangesWhereItIsTold) {
  model::Project project = a_project("p1");
  project.repo_url = "https://example.com/shop.git";
  must(catalog().create_project(project));
  EXPECT_EQ(must(catalog().update_project("p1", {.name = "Shop"}))->repo_url, project.repo_url);
  const auto changed = must(catalog().update_project("p1", {.repo_url = std::optional<std::string>(), .default_branch = "dev"}));
  EXPECT_EQ(changed->name, "Shop");
  EXPECT_FALSE(changed->repo_url.has_value());
  EXPECT_EQ(changed->default_branch, "dev");
  EXPECT_FALSE(must(catalog().update_project("p2", {.name = "Nobody"})).has_value());
}

TEST_P(CatalogContract, AnArchivedProjectIsListedOnRequestOnly) {
  must(catalog().create_project(a_project("p1", 1)));
  must(catalog().create_project(a_project("p2", 2)));
  const auto archived = must(catalog().update_project("p1", {.archived = true}));
  EXPECT_EQ(archived->archived_at, clock_.now());
  clock_.advance(9);
  EXPECT_EQ(must(catalog().update_project("p1", {.archived = true}))->archived_at, archived->archived_at);
  EXPECT_THAT(project_ids(must(catalog().projects(false, std::nullopt, 10))), ElementsAre("p2"));
  EXPECT_THAT(project_ids(must(catalog().projects(true, std::nullopt, 10))), ElementsAre("p2", "p1"));
  must(catalog().update_project("p1", {.archived = false}));
  EXPECT_THAT(project_ids(must(catalog().projects(false, std::nullopt, 10))), ElementsAre("p2", "p1"));
}

TEST_P(CatalogContract, ProjectsComeByLatestActivityInPages) {
  for (int i = 1; i <= 4; ++i) must(catalog().create_project(a_project("p" + std::to_string(i), i)));
  model::Run run = a_run("run");
  run.project_id = "p2";
  run.thread_id = "thread";
  start(run);
  const Timestamp message = append(a_message("run", "m1")).timestamp;
  const auto page = must(catalog().projects(false, std::nullopt, 2));
  EXPECT_THAT(project_ids(page), ElementsAre("p2", "p4"));
  EXPECT_EQ(page[0].last_activity_at, message);
  EXPECT_THAT(project_ids(must(catalog().projects(false, page[1].project.created_at, 10))), ElementsAre("p3", "p1"));
}

TEST_P(CatalogContract, AProjectShowsItsWorkSessionElseItsNewestActiveRun) {
  must(catalog().create_project(a_project("project")));
  model::Run older = a_run("older");
  model::Run newer = a_run("newer");
  newer.started_at = {2'000'000};
  start(newer);
  start(older);
  EXPECT_EQ(must(catalog().project("project"))->active_run->id, "newer");
  start(a_session("session", "project"));
  model::Run chat = a_run("chat");
  chat.kind = model::RunKind::kChat;
  chat.started_at = {500'000};
  start(chat);
  EXPECT_EQ(must(catalog().project("project"))->active_run->id, "session");
  must(commit(UpdateRun{.run_id = "session", .status = model::RunStatus::kCompleted}));
  must(commit(UpdateRun{.run_id = "newer", .status = model::RunStatus::kCompleted}));
  EXPECT_EQ(must(catalog().projects(false, std::nullopt, 10)).at(0).active_run->id, "older");
}

TEST_P(CatalogContract, OfAChatAndAnExternalRunAProjectShowsTheNewer) {
  must(catalog().create_project(a_project("project")));
  start(a_run("external"));
  model::Run chat = a_run("chat");
  chat.kind = model::RunKind::kChat;
  chat.started_at = {2'000'000};
  start(chat);
  EXPECT_EQ(must(catalog().project("project"))->active_run->id, "chat");
}

TEST_P(CatalogContract, GivesBackAThreadAsItWasCreated) {
  model::Thread thread = a_thread("t1", 5);
  thread.mode = model::ThreadMode::kChat;
  must(catalog().create_thread(thread));
  reopen();
  const auto stored = must(catalog().thread("t1"));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(model::to_json(stored->thread), model::to_json(thread));
  EXPECT_FALSE(stored->last_message.has_value());
  EXPECT_FALSE(must(catalog().thread("t2")).has_value());
  EXPECT_EQ(code(catalog().create_thread(a_thread("t1"))), "id_conflict");
}

TEST_P(CatalogContract, AThreadsCountersFollowEveryMessage) {
  must(catalog().create_thread(a_thread("thread")));
  model::Run run = a_run("run");
  run.thread_id = "thread";
  start(run);
  append(a_given_message("run", "m1", "first"));
  AppendMessage last = a_message("run", "m2", "second");
  last.message.sender = model::Sender::kAgent;
  last.message.type = model::MessageType::kError;
  append(last);
  const Timestamp newest = append(a_message("run", "m3", "")).timestamp;
  append(a_given_message("run", "m1", "first"));
  const auto thread = must(catalog().thread("thread"));
  EXPECT_EQ(thread->thread.message_count, 3);
  EXPECT_EQ(thread->thread.last_message_at, newest);
  EXPECT_EQ(thread->active_run_id, "run");
  ASSERT_TRUE(thread->last_message.has_value());
  EXPECT_EQ(thread->last_message->content, "second");
  EXPECT_EQ(thread->last_message->sender, model::Sender::kAgent);
  EXPECT_EQ(thread->last_message->type, model::MessageType::kError);
}

TEST_P(CatalogContract, AThreadsPreviewIsTwoHundredCharactersAtMost) {
  must(catalog().create_thread(a_thread("thread")));
  model::Run run = a_run("run");
  run.thread_id = "thread";
  start(run);
  std::string text;
  for (int i = 0; i < 300; ++i) text += "\xc3\xa9";
  append(a_message("run", "m1", text));
  EXPECT_EQ(must(catalog().thread("thread"))->last_message->content, text.substr(0, 400));
}

TEST_P(CatalogContract, AThreadChangesWhereItIsTold) {
  must(catalog().create_thread(a_thread("thread")));
  EXPECT_EQ(must(catalog().update_thread("thread", {.title = "Tests"}))->mode, model::ThreadMode::kWork);
  const auto changed =
      must(catalog().update_thread("thread", {.status = model::ThreadStatus::kArchived, .mode = model::ThreadMode::kChat}));
  EXPECT_EQ(changed->title, "Tests");
  EXPECT_EQ(changed->status, model::ThreadStatus::kArchived);
  EXPECT_EQ(changed->mode, model::ThreadMode::kChat);
  EXPECT_FALSE(must(catalog().update_thread("nobody", {.title = "No"})).has_value());
}

TEST_P(CatalogContract, AChangedThreadsCountersIncludeWhatWasAppendedJustBefore) {
  must(catalog().create_thread(a_thread("thread")));
  model::Run run = a_run("run");
  run.thread_id = "thread";
  start(run);
  std::vector<Task<std::int64_t>> tasks;
  tasks.push_back(append_text(messages()));
  tasks.push_back(rename_and_count(catalog()));
  const std::int64_t counted = all(std::move(tasks))[1];
  EXPECT_EQ(counted, 1);
  EXPECT_EQ(must(catalog().thread("thread"))->thread.message_count, 1);
}

TEST_P(CatalogContract, ThreadsComeByLatestActivityInPages) {
  for (int i = 1; i <= 4; ++i) must(catalog().create_thread(a_thread("t" + std::to_string(i), i)));
  model::Run run = a_run("run");
  run.thread_id = "t2";
  start(run);
  append(a_message("run", "m1"));
  const auto page = must(catalog().threads({.project_id = "project", .limit = 2}));
  EXPECT_THAT(thread_ids(page), ElementsAre("t2", "t4"));
  EXPECT_THAT(thread_ids(must(catalog().threads({.project_id = "project", .before = page[1].thread.created_at}))),
              ElementsAre("t3", "t1"));
}

TEST_P(CatalogContract, ThreadsAreFoundByProjectByAgentAndByBoth) {
  model::Thread misos = a_thread("t2", 2);
  misos.agent_name = "miso";
  model::Thread elsewhere = a_thread("t3", 3);
  elsewhere.project_id = "other";
  for (const auto& thread : {a_thread("t1", 1), misos, elsewhere}) must(catalog().create_thread(thread));
  EXPECT_THAT(thread_ids(must(catalog().threads({.project_id = "project"}))), ElementsAre("t2", "t1"));
  EXPECT_THAT(thread_ids(must(catalog().threads({.agent_name = "nori"}))), ElementsAre("t3", "t1"));
  EXPECT_THAT(thread_ids(must(catalog().threads({.project_id = "project", .agent_name = "nori"}))), ElementsAre("t1"));
}

TEST_P(CatalogContract, AnArchivedThreadIsListedOnRequestOnly) {
  must(catalog().create_thread(a_thread("t1", 1)));
  must(catalog().create_thread(a_thread("t2", 2)));
  must(catalog().update_thread("t1", {.status = model::ThreadStatus::kArchived}));
  EXPECT_THAT(thread_ids(must(catalog().threads({.project_id = "project"}))), ElementsAre("t2"));
  EXPECT_THAT(thread_ids(must(catalog().threads({.project_id = "project", .include_archived = true}))), ElementsAre("t2", "t1"));
}

TEST_P(CatalogContract, CountsOfAThreadWhatEachPersonHasNotRead) {
  must(catalog().create_project(a_project("project")));
  must(catalog().create_thread(a_thread("thread")));
  must(catalog().create_thread(a_thread("quiet")));
  model::Run run = a_run("run");
  run.thread_id = "thread";
  start(run);
  const auto said = [&](std::string id, std::string content, model::Sender sender, model::MessageType type) {
    AppendMessage next = a_message("run", std::move(id), std::move(content));
    next.message.sender = sender;
    next.message.type = type;
    return append(next).timestamp;
  };
  using enum model::MessageType;
  EXPECT_THAT(must(catalog().unread("ana", "project")), IsEmpty());
  said("m1", "hello", model::Sender::kUser, kMessage);
  said("m2", "Started", model::Sender::kAgent, kStatus);
  said("m3", "", model::Sender::kAgent, kMessage);
  EXPECT_THAT(must(catalog().unread("ana", "project")), IsEmpty());
  const Timestamp first = said("m4", "one", model::Sender::kAgent, kMessage);
  const Timestamp second = said("m5", "broken", model::Sender::kAgent, kError);

  auto unread = must(catalog().unread("ana", "project"));
  ASSERT_EQ(unread.size(), 1u);
  EXPECT_EQ(unread[0].thread_id, "thread");
  EXPECT_EQ(unread[0].agent_name, a_thread("thread").agent_name);
  EXPECT_EQ(unread[0].count, 2u);
  must(catalog().mark_read("ana", "thread", first));
  reopen();
  EXPECT_EQ(must(catalog().unread("ana", "project")).at(0).count, 1u);
  EXPECT_EQ(must(catalog().unread("ben", "project")).at(0).count, 2u);
  must(catalog().mark_read("ana", "thread", second));
  must(catalog().mark_read("ana", "thread", first));
  EXPECT_THAT(must(catalog().unread("ana", "project")), IsEmpty()) << "an earlier mark takes nothing back";
  EXPECT_THAT(must(catalog().unread("ben", "elsewhere")), IsEmpty());

  for (int i = 0; i < 110; ++i) said("n" + std::to_string(i), "more", model::Sender::kAgent, kMessage);
  EXPECT_EQ(must(catalog().unread("ana", "project")).at(0).count, Catalog::kMaxUnread);
  must(catalog().update_thread("thread", {.status = model::ThreadStatus::kArchived}));
  EXPECT_THAT(must(catalog().unread("ana", "project")), IsEmpty());
}

TEST_P(CatalogContract, MemoriesBelongToAnAgentAndAProject) {
  const auto memory = [](std::string id, std::string agent, std::string project) {
    return model::Memory{.id = id, .agent_name = agent, .project_id = project, .content = "Remember " + id, .created_at = {3}};
  };
  must(catalog().add_memory(memory("b", "nori", "project")));
  must(catalog().add_memory(memory("a", "nori", "project")));
  must(catalog().add_memory(memory("c", "miso", "project")));
  must(catalog().add_memory(memory("d", "nori", "other")));
  EXPECT_EQ(code(catalog().add_memory(memory("a", "nori", "other"))), "id_conflict");
  const auto stored = must(catalog().memories("nori", "project"));
  EXPECT_THAT(ids(stored), ElementsAre("b", "a"));
  EXPECT_EQ(stored[0].content, "Remember b");
  EXPECT_FALSE(must(catalog().delete_memory("miso", "a")));
  EXPECT_TRUE(must(catalog().delete_memory("nori", "a")));
  EXPECT_FALSE(must(catalog().delete_memory("nori", "a")));
  EXPECT_THAT(ids(must(catalog().memories("nori", "project"))), ElementsAre("b"));
}

TEST_P(CatalogContract, AMemberSeesTheProjectsAndThreadsOfThoseTheyBelongTo) {
  must(catalog().create_project(a_project("mine", 10), std::nullopt, "ana"));
  must(catalog().create_project(a_project("other", 20)));
  for (const char* project : {"mine", "other"}) {
    model::Thread thread = a_thread(std::string("in-") + project);
    thread.project_id = project;
    must(catalog().create_thread(thread));
  }
  EXPECT_EQ(must(catalog().projects(false, std::nullopt, 10)).size(), 2u);
  for (const bool archived : {false, true}) {
    const auto seen = must(catalog().projects(archived, std::nullopt, 10, "ana"));
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].project.id, "mine");
    EXPECT_TRUE(must(catalog().projects(archived, std::nullopt, 10, "ben")).empty());
  }
  const auto threads = must(catalog().threads({.agent_name = "nori", .member = "ana"}));
  ASSERT_EQ(threads.size(), 1u);
  EXPECT_EQ(threads[0].thread.id, "in-mine");
  EXPECT_TRUE(must(catalog().threads({.project_id = "other", .member = "ana"})).empty());
  EXPECT_TRUE(must(catalog().threads({.project_id = "other", .agent_name = "nori", .member = "ana"})).empty());
  EXPECT_EQ(code(catalog().create_project(a_project("other"), std::nullopt, "ana")), "id_conflict");
  EXPECT_EQ(must(people().projects_of("ana")).size(), 1u) << "who failed to create a project is no member of it";
}

TEST_P(CatalogContract, AMemoryIsFoundWithItsAgent) {
  must(catalog().add_memory({.id = "m1", .agent_name = "nori", .project_id = "project", .content = "x", .created_at = {5}}));
  EXPECT_EQ(must(catalog().memory("nori", "m1"))->project_id, "project");
  EXPECT_FALSE(must(catalog().memory("miso", "m1")).has_value());
}

}  // namespace
}  // namespace omakase::store::contract
