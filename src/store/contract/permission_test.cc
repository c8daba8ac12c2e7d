#include "model/permission.h"

#include <gmock/gmock.h>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

model::Permission a_permission(std::string request_id, std::string run_id = "run") {
  return {.request_id = std::move(request_id),
          .run_id = std::move(run_id),
          .tool = "Bash",
          .tool_use_id = "toolu_1",
          .input = {{"command", "rm -r build"}},
          .requested_at = {1'000},
          .expires_at = {9'000},
          .agent_request_id = "agent's name"};
}

std::vector<std::string> request_ids(const std::vector<model::Permission>& rows) {
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const auto& row : rows) out.push_back(row.request_id);
  return out;
}

TEST_P(MessageLogContract, GivesBackARequestForConsentAsItWasAsked) {
  start(a_run("run"));
  model::Permission asked = a_permission("p1");
  asked.kind = model::PermissionKind::kQuestion;
  asked.description = "Which database?";
  asked.reason = "The agent asks.";
  EXPECT_EQ(model::to_json(must(commit(AskPermission{asked})).permissions.at(0)), model::to_json(asked));
  reopen();
  const auto stored = must(messages().permission("run", "p1"));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(model::to_json(*stored), model::to_json(asked));
  EXPECT_EQ(stored->agent_request_id, "agent's name");
  EXPECT_FALSE(must(messages().permission("run", "p2")).has_value());
  EXPECT_FALSE(must(messages().permission("other", "p1")).has_value());
  EXPECT_EQ(code(commit(AskPermission{a_permission("p1", "nobody")})), "run_not_found");
}

TEST_P(MessageLogContract, ARequestThatAnEarlierConsentAnsweredIsStoredAnswered) {
  start(a_run("run"));
  model::Permission asked = a_permission("p1");
  asked.status = model::PermissionStatus::kAllowed;
  asked.answered_at = Timestamp{1'000};
  asked.scope = model::PermissionScope::kCommand;
  asked.automatic = true;
  must(commit(AskPermission{asked}));
  EXPECT_EQ(model::to_json(*must(messages().permission("run", "p1"))), model::to_json(asked));
  EXPECT_THAT(must(messages().permissions("run", true)), IsEmpty());
}

TEST_P(MessageLogContract, ANewModeEndsWhatWasAllowedForTheSession) {
  start(a_run("run"));
  start(a_run("other"));
  for (const auto scope : {model::PermissionScope::kSession, model::PermissionScope::kCommand}) {
    for (const std::string run : {"run", "other"}) {
      const std::string id = run + std::string(model::word(scope));
      must(commit(AskPermission{a_permission(id, run)}));
      must(commit(
          ResolvePermission{.run_id = run, .request_id = id, .status = model::PermissionStatus::kAllowed, .scope = scope}));
    }
  }
  must(commit(UpdateRun{.run_id = "run", .permission_mode = model::PermissionMode::kAsk}));
  const auto scope_of = [&](const std::string& run, const std::string& id) {
    return must(messages().permission(run, id))->scope;
  };
  EXPECT_EQ(scope_of("run", "runsession"), model::PermissionScope::kOnce);
  EXPECT_EQ(scope_of("run", "runcommand"), model::PermissionScope::kCommand);
  EXPECT_EQ(scope_of("other", "othersession"), model::PermissionScope::kSession);
}

TEST_P(MessageLogContract, ARequestIsAskedOnceHoweverOftenItIsReplayed) {
  start(a_run("run"));
  start(a_run("other"));
  must(commit(AskPermission{a_permission("p1")}));
  must(commit(ResolvePermission{.run_id = "run", .request_id = "p1", .status = model::PermissionStatus::kAllowed}));
  model::Permission again = a_permission("p1");
  again.tool = "Write";
  const auto permissions = must(commit(AskPermission{again})).permissions;
  EXPECT_EQ(permissions.at(0).tool, "Bash");
  EXPECT_EQ(permissions.at(0).status, model::PermissionStatus::kAllowed);
  must(commit(AskPermission{a_permission("p1", "other")}));
  EXPECT_EQ(must(messages().permission("other", "p1"))->status, model::PermissionStatus::kPending);
}

TEST_P(MessageLogContract, AnAnswerIsStoredWithAllItSays) {
  start(a_run("run"));
  must(commit(AskPermission{a_permission("p1")}));
  clock_.advance(5);
  const auto answered = must(commit(ResolvePermission{.run_id = "run",
                                                      .request_id = "p1",
                                                      .status = model::PermissionStatus::kAllowed,
                                                      .scope = model::PermissionScope::kSession,
                                                      .automatic = true,
                                                      .message = "Go on.",
                                                      .answers = json::object{{"Which?", "The first"}}}))
                            .permissions.at(0);
  EXPECT_EQ(answered.answered_at, clock_.now());
  EXPECT_EQ(answered.scope, model::PermissionScope::kSession);
  EXPECT_TRUE(answered.automatic);
  EXPECT_EQ(answered.message, "Go on.");
  EXPECT_EQ(answered.answers->at("Which?"), "The first");
  reopen();
  EXPECT_EQ(model::to_json(*must(messages().permission("run", "p1"))), model::to_json(answered));
}

TEST_P(MessageLogContract, OfConcurrentAnswersToARequestTheFirstCounts) {
  start(a_run("run"));
  must(commit(AskPermission{a_permission("p1")}));
  std::vector<Task<Result<Committed>>> answers;
  for (int i = 0; i < 16; ++i) {
    const auto status = i == 0 ? model::PermissionStatus::kAllowed : model::PermissionStatus::kDenied;
    answers.push_back(commit(ResolvePermission{.run_id = "run", .request_id = "p1", .status = status}));
  }
  const auto results = all(std::move(answers));
  EXPECT_TRUE(results[0].has_value());
  for (std::size_t i = 1; i < results.size(); ++i) {
    ASSERT_FALSE(results[i].has_value());
    EXPECT_EQ(results[i].error().code, "already_answered");
  }
  EXPECT_EQ(must(messages().permission("run", "p1"))->status, model::PermissionStatus::kAllowed);
}

TEST_P(MessageLogContract, WhatWasAnsweredIsLeftAloneWhenOnlyThePendingAreToEnd) {
  start(a_run("run"));
  must(commit(AskPermission{a_permission("p1")}));
  must(commit(AskPermission{a_permission("p2")}));
  must(commit(ResolvePermission{.run_id = "run", .request_id = "p1", .status = model::PermissionStatus::kAllowed}));
  const auto cancel = [](std::string id) {
    return ResolvePermission{
        .run_id = "run", .request_id = std::move(id), .status = model::PermissionStatus::kCancelled, .if_pending = true};
  };
  const Committed done = must(messages().commit({.changes = {cancel("p1"), cancel("p2")}}));
  EXPECT_THAT(request_ids(done.permissions), ElementsAre("p2"));
  EXPECT_EQ(must(messages().permission("run", "p1"))->status, model::PermissionStatus::kAllowed);
  EXPECT_EQ(must(messages().permission("run", "p2"))->status, model::PermissionStatus::kCancelled);
}

TEST_P(MessageLogContract, ARequestThatWasNeverAskedCannotBeAnswered) {
  start(a_run("run"));
  start(a_run("other"));
  must(commit(AskPermission{a_permission("p1", "other")}));
  EXPECT_EQ(code(commit(ResolvePermission{.run_id = "run", .request_id = "p1"})), "permission_not_found");
  EXPECT_EQ(code(commit(ResolvePermission{.run_id = "nobody", .request_id = "p1"})), "run_not_found");
}

TEST_P(MessageLogContract, RequestsAreListedOldestFirstThePendingOnRequest) {
  start(a_run("run"));
  start(a_run("other"));
  for (const char* id : {"p3", "p1", "p2"}) must(commit(AskPermission{a_permission(id)}));
  must(commit(AskPermission{a_permission("p4", "other")}));
  must(commit(ResolvePermission{.run_id = "run", .request_id = "p1", .message = "No."}));
  EXPECT_THAT(request_ids(must(messages().permissions("run", false))), ElementsAre("p3", "p1", "p2"));
  EXPECT_THAT(request_ids(must(messages().permissions("run", true))), ElementsAre("p3", "p2"));
  EXPECT_THAT(must(messages().permissions("nobody", false)), IsEmpty());
}

}  // namespace
}  // namespace omakase::store::contract
