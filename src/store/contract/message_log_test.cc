#include <gmock/gmock.h>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

model::ToolUse a_tool_use(model::ToolStatus status) {
  return {.tool_use_id = "tool", .tool = "Bash", .input = {{"command", "ls"}}, .status = status, .started_at = {5}};
}

// How many of `count` messages, each sent when the one before was stored, were accepted.
Task<int> append_in_turn(MessageLog& log, int sender, int count) {
  int stored = 0;
  for (int i = 0; i < count; ++i) {
    Commit commit;
    commit.changes.push_back(a_message("run", std::to_string(sender) + "-" + std::to_string(i)));
    if (co_await log.commit(std::move(commit))) ++stored;
  }
  co_return stored;
}

TEST_P(MessageLogContract, GivesBackAMessageAsItWasStored) {
  model::Run run = a_run("run");
  run.feature_id = "feature";
  run.thread_id = "thread";
  start(run);
  AppendMessage append = a_message("run", "m1", std::string("one\0two\r\n\xf0\x9f\x8d\xa3", 13));
  append.message.sender = model::Sender::kAgent;
  append.message.role = model::Role::kTester;
  append.message.type = model::MessageType::kStatus;
  append.message.tool_uses = {a_tool_use(model::ToolStatus::kRunning)};
  append.message.setup = boost::json::object{{"step", "clone"}};

  const model::Message stored = this->append(append);

  EXPECT_EQ(stored.project_id, "project");
  EXPECT_EQ(stored.feature_id, "feature");
  EXPECT_EQ(stored.thread_id, "thread");
  EXPECT_EQ(stored.timestamp, clock_.now());
  const auto listed = list({.id = "run"});
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(model::to_json(listed[0]), model::to_json(stored));
  EXPECT_EQ(listed[0].content, append.message.content);
}

TEST_P(MessageLogContract, TimestampsIncreaseWhileTheClockStandsStillOrGoesBack) {
  start(a_run("run"));
  std::vector<Timestamp> seen;
  for (int i = 0; i < 300; ++i) {
    if (i == 100) clock_.advance(-3'600'000'000);
    if (i == 200) clock_.advance(+1);
    seen.push_back(append(a_message("run", "m" + std::to_string(i))).timestamp);
  }
  EXPECT_TRUE(std::ranges::adjacent_find(seen, std::greater_equal<>()) == seen.end());
  EXPECT_EQ(must(messages().head()), seen.back());
}

TEST_P(MessageLogContract, TenThousandMessagesWhileTheClockStandsStillAreInOrder) {
  start(a_run("run"));
  const Timestamp now = clock_.now();
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    Commit commit;
    for (int k = 0; k < 100; ++k) {
      sent.push_back("m" + std::to_string(sent.size()));
      commit.changes.push_back(a_message("run", sent.back()));
    }
    must(messages().commit(std::move(commit)));
  }
  EXPECT_EQ(ids(list({.id = "run", .limit = 100'000})), sent);
  EXPECT_EQ(clock_.now(), now);
  EXPECT_EQ(must(messages().head()).micros, now.micros + 9'999);
}

TEST_P(MessageLogContract, MessagesOf2038AndOf9999AreInOrder) {
  start(a_run("run"));
  for (const char* year : {"2038-01-19T03:14:07.999999Z", "2038-01-19T03:14:08Z", "9999-12-31T23:59:58Z"}) {
    clock_.advance(base::parse_timestamp(year).value().micros - clock_.now().micros);
    const Timestamp stored = append(a_message("run", year)).timestamp;
    EXPECT_EQ(stored, clock_.now());
    EXPECT_EQ(base::parse_timestamp(base::format(stored)).value(), stored);
    reopen();
  }
  EXPECT_THAT(ids_of_run("run"), ElementsAre("2038-01-19T03:14:07.999999Z", "2038-01-19T03:14:08Z", "9999-12-31T23:59:58Z"));
}

TEST_P(MessageLogContract, TheClockGoingBackBetweenTwoStartsKeepsTheOrder) {
  start(a_run("run"));
  const Timestamp before = append(a_message("run", "m1")).timestamp;
  clock_.advance(-86'400'000'000);
  reopen();
  EXPECT_GT(append(a_message("run", "m2")).timestamp, before);
  EXPECT_THAT(ids_of_run("run"), ElementsAre("m1", "m2"));
}

TEST_P(MessageLogContract, ConcurrentAppendsAreAllStoredEachSendersInItsOrder) {
  constexpr int kSenders = 64;
  constexpr int kEach = 20;
  start(a_run("run"));
  std::vector<Task<int>> senders;
  senders.reserve(kSenders);
  for (int sender = 0; sender < kSenders; ++sender) senders.push_back(append_in_turn(messages(), sender, kEach));
  EXPECT_THAT(all(std::move(senders)), Each(kEach));

  const auto stored = list({.id = "run", .limit = 10'000});
  ASSERT_EQ(stored.size(), static_cast<std::size_t>(kSenders * kEach));
  std::vector<int> next(kSenders, 0);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (i > 0) ASSERT_LT(stored[i - 1].timestamp, stored[i].timestamp);
    const std::size_t dash = stored[i].id.find('-');
    const int sender = std::stoi(stored[i].id.substr(0, dash));
    EXPECT_EQ(std::stoi(stored[i].id.substr(dash + 1)), next[static_cast<std::size_t>(sender)]++);
  }
}

TEST_P(MessageLogContract, AGivenIdIsStoredOnce) {
  start(a_run("run"));
  const model::Message first = append(a_given_message("run", "mine", "hello"));
  clock_.advance(1'000);
  const Committed again = must(commit(a_given_message("run", "mine", "hello")));
  EXPECT_THAT(again.existed, ElementsAre(true));
  EXPECT_EQ(again.appended.at(0).timestamp, first.timestamp);
  EXPECT_THAT(ids_of_run("run"), ElementsAre("mine"));
  EXPECT_EQ(must(messages().find_given("mine"))->timestamp, first.timestamp);
  EXPECT_FALSE(must(messages().find_given("other")).has_value());
}

TEST_P(MessageLogContract, AGivenIdWithAnythingElseIsAConflict) {
  start(a_run("run"));
  start(a_run("other"));
  append(a_given_message("run", "mine", "hello"));
  AppendMessage by_agent = a_given_message("run", "mine", "hello");
  by_agent.message.sender = model::Sender::kAgent;
  EXPECT_EQ(code(commit(a_given_message("run", "mine", "hullo"))), "id_conflict");
  EXPECT_EQ(code(commit(by_agent)), "id_conflict");
  EXPECT_EQ(code(commit(a_given_message("other", "mine", "hello"))), "id_conflict");
  EXPECT_THAT(ids_of_run("other"), IsEmpty());
}

TEST_P(MessageLogContract, ARetryIsAnsweredAfterTheRunEnded) {
  start(a_run("run"));
  append(a_given_message("run", "mine"));
  must(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kCompleted}));
  EXPECT_THAT(must(commit(a_given_message("run", "mine"))).existed, ElementsAre(true));
  EXPECT_EQ(code(commit(a_given_message("run", "new"))), "run_not_active");
}

TEST_P(MessageLogContract, RefusesAMessageToARunThatIsUnknownOrHasEnded) {
  EXPECT_EQ(code(commit(a_message("nobody", "m1"))), "run_not_found");
  start(a_run("run"));
  must(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kFailed, .error_message = "It broke."}));
  EXPECT_EQ(code(commit(a_message("run", "m1"))), "run_not_active");
  AppendMessage last_words = a_message("run", "m2");
  last_words.require_active = false;
  append(last_words);
  EXPECT_THAT(ids_of_run("run"), ElementsAre("m2"));
}

TEST_P(MessageLogContract, WhatIsQueuedBehindTheEndOfARunIsRefused) {
  start(a_run("run"));
  std::vector<Task<Result<Committed>>> tasks;
  tasks.push_back(commit(a_message("run", "before")));
  tasks.push_back(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kCompleted}));
  tasks.push_back(commit(a_message("run", "after")));
  const auto results = all(std::move(tasks));
  EXPECT_TRUE(results[0].has_value());
  EXPECT_TRUE(results[1].has_value());
  ASSERT_FALSE(results[2].has_value());
  EXPECT_EQ(results[2].error().code, "run_not_active");
  EXPECT_THAT(ids_of_run("run"), ElementsAre("before"));
}

TEST_P(MessageLogContract, ACommitIsStoredWholeOrNotAtAll) {
  start(a_run("run"));
  must(catalog().create_thread(a_thread("thread")));
  AppendMessage first = a_message("run", "m1");
  first.message.thread_id = "thread";
  EXPECT_EQ(code(messages().commit({.changes = {first, a_message("nobody", "m2")}})), "run_not_found");
  EXPECT_THAT(ids_of_run("run"), IsEmpty());
  EXPECT_EQ(must(catalog().thread("thread"))->thread.message_count, 0);
}

TEST_P(MessageLogContract, ARunWhoseEndCouldNotBeStoredGoesOn) {
  start(a_run("run"));
  AppendMessage last_words = a_message("run", "m1");
  last_words.require_active = false;
  const UpdateRun end{.run_id = "run", .status = model::RunStatus::kCompleted};
  EXPECT_EQ(code(messages().commit({.changes = {end, last_words, a_message("nobody", "m2")}})), "run_not_found");
  EXPECT_EQ(must(messages().run("run"))->status, model::RunStatus::kStarted);
  append(a_message("run", "m3"));
  EXPECT_THAT(ids_of_run("run"), ElementsAre("m3"));
}

TEST_P(MessageLogContract, AFailingCommitLeavesItsNeighboursAlone) {
  start(a_run("run"));
  std::vector<Task<Result<Committed>>> tasks;
  for (int i = 0; i < 10; ++i) {
    tasks.push_back(commit(a_message("run", std::to_string(i))));
    tasks.push_back(messages().commit({.changes = {a_message("run", "bad"), a_message("nobody", "bad")}}));
  }
  const auto results = all(std::move(tasks));
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].has_value(), i % 2 == 0);
  EXPECT_THAT(ids_of_run("run"), ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
}

TEST_P(MessageLogContract, ASpoolIsStoredOnceHoweverOftenItIsReplayed) {
  start(a_run("run"));
  const auto replay = [&](std::int64_t end, const char* id) {
    return must(messages().commit({.changes = {a_message("run", id)}, .spool = Commit::Spool{"run", end}}));
  };
  EXPECT_FALSE(replay(100, "m1").replayed);
  EXPECT_TRUE(replay(100, "m1 again").replayed);
  EXPECT_TRUE(replay(50, "older").replayed);
  EXPECT_FALSE(replay(101, "m2").replayed);
  EXPECT_THAT(ids_of_run("run"), ElementsAre("m1", "m2"));
  EXPECT_EQ(must(messages().run("run"))->spool_offset, 101);
}

TEST_P(MessageLogContract, ASpoolThatCouldNotBeStoredCanBeSentAgain) {
  start(a_run("run"));
  const Commit::Spool spool{"run", 100};
  EXPECT_EQ(code(messages().commit({.changes = {a_message("nobody", "m1")}, .spool = spool})), "run_not_found");
  EXPECT_FALSE(must(messages().commit({.changes = {a_message("run", "m1")}, .spool = spool})).replayed);
}

TEST_P(MessageLogContract, AnUpdateChangesTheReceiptAndTheToolsOfOneMessage) {
  start(a_run("run"));
  AppendMessage step = a_message("run", "m1");
  step.message.tool_uses = {a_tool_use(model::ToolStatus::kRunning)};
  const model::Message first = append(step);
  append(a_message("run", "m2"));
  const std::vector uses = {a_tool_use(model::ToolStatus::kDone)};
  const Committed done = must(
      commit(UpdateMessage{.run_id = "run", .timestamp = first.timestamp, .delivered_at = Timestamp{42}, .tool_uses = uses}));
  ASSERT_EQ(done.updated.size(), 1u);
  EXPECT_EQ(done.updated[0].delivered_at, Timestamp{42});
  EXPECT_EQ(done.updated[0].content, "hello");
  const auto stored = list({.id = "run"});
  EXPECT_EQ(stored[0].tool_uses.at(0).status, model::ToolStatus::kDone);
  EXPECT_EQ(stored[0].timestamp, first.timestamp);
  EXPECT_FALSE(stored[1].delivered_at.has_value());
}

TEST_P(MessageLogContract, AnUpdateOfAnotherRunsMessageDoesNothing) {
  start(a_run("run"));
  start(a_run("other"));
  const Timestamp timestamp = append(a_message("run", "m1")).timestamp;
  const UpdateMessage update{.run_id = "other", .timestamp = timestamp, .delivered_at = Timestamp{42}};
  EXPECT_THAT(must(commit(update)).updated, IsEmpty());
  EXPECT_FALSE(list({.id = "run"})[0].delivered_at.has_value());
}

TEST_P(MessageLogContract, UndeliveredAreThePersonsMessagesThatHaveNoReceipt) {
  start(a_run("run"));
  start(a_run("other"));
  const model::Message first = append(a_message("run", "m1"));
  append(a_message("run", "m2"));
  AppendMessage answer = a_message("run", "m3");
  answer.message.sender = model::Sender::kAgent;
  append(answer);
  append(a_message("other", "m4"));
  EXPECT_THAT(ids(must(messages().undelivered("run"))), ElementsAre("m1", "m2"));
  must(commit(UpdateMessage{.run_id = "run", .timestamp = first.timestamp, .delivered_at = clock_.now()}));
  EXPECT_THAT(ids(must(messages().undelivered("run"))), ElementsAre("m2"));
}

TEST_P(MessageLogContract, FindsEverythingAgainAfterAReopening) {
  model::Run session = a_session("run", "project");
  session.token_hash = "hash";
  session.thread_id = "thread";
  must(catalog().create_thread(a_thread("thread")));
  start(session);
  append(a_given_message("run", "m1"));
  must(messages().commit({.changes = {UpdateRun{.run_id = "run", .status = model::RunStatus::kCoding, .cost_usd = 0.25}},
                          .spool = Commit::Spool{"run", 7}}));
  reopen();
  EXPECT_THAT(ids_of_run("run"), ElementsAre("m1"));
  EXPECT_EQ(must(messages().run_by_token("hash"))->id, "run");
  EXPECT_EQ(must(messages().active_session("project"))->cost_usd, 0.25);
  EXPECT_EQ(must(messages().run("run"))->spool_offset, 7);
  EXPECT_THAT(must(commit(a_given_message("run", "m1"))).existed, ElementsAre(true));
}

}  // namespace
}  // namespace omakase::store::contract
