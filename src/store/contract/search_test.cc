#include <gmock/gmock.h>

#include "store/contract/search_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_P(SearchContract, FindsMessagesThatHaveAllWordsInAnySizeAndOrder) {
  converse("a");
  say("a", "m1", "The bucket leaks. GRÖSSE unknown");
  say("a", "m2", "A BUCKET of time");
  say("a", "m3", "nothing");
  EXPECT_THAT(found({"bucket"}), ElementsAre("m2", "m1"));
  EXPECT_THAT(found({"leaks", "bucket"}), ElementsAre("m1"));
  EXPECT_THAT(found({"grösse"}), ElementsAre("m1"));
  EXPECT_THAT(found({"bucket", "absent"}), IsEmpty());
  EXPECT_THAT(found({"%"}), IsEmpty());
}

TEST_P(SearchContract, TheConversationWithTheLatestWordIsFirstAndItsTitleBeforeItsMessages) {
  converse("old", "About the needle");
  say("old", "m1", "a needle");
  converse("new");
  say("new", "m2", "needle");
  say("new", "m3", "needle again");
  EXPECT_THAT(found({"needle"}), ElementsAre("m3", "m2", "title of old", "m1"));
  say("old", "m4", "a word");
  EXPECT_THAT(found({"needle"}), ElementsAre("title of old", "m1", "m3", "m2"));
}

TEST_P(SearchContract, AnArchivedConversationIsFoundAndAnotherProjectsIsNot) {
  converse("a");
  say("a", "m1", "needle");
  must(catalog().update_thread("a", {.status = model::ThreadStatus::kArchived}));
  converse("b", "needle", "other");
  say("b", "m2", "needle");
  EXPECT_THAT(found({"needle"}), ElementsAre("m1"));
  EXPECT_THAT(names(search({.project_id = "nobody", .words = {"needle"}})), IsEmpty());
}

TEST_P(SearchContract, WhatWasTakenBackOrIsAStatusIsNotFound) {
  converse("a");
  say("a", "m1", "needle");
  must(commit(ChangeWaiting{.run_id = "run-a", .message_id = "m1", .withdraw = true}));
  AppendMessage status = a_message("run-a", "m2", "needle");
  status.message.type = model::MessageType::kStatus;
  append(status);
  AppendMessage error = a_message("run-a", "m3", "needle broke");
  error.message.type = model::MessageType::kError;
  append(error);
  EXPECT_THAT(found({"needle"}), ElementsAre("m3"));
}

TEST_P(SearchContract, PagesMeetWithoutGapOrRepeat) {
  for (const std::string thread : {"a", "b", "c"}) {
    converse(thread, "needle " + thread);
    for (int i = 0; i < 5; ++i) say(thread, thread + std::to_string(i), "needle");
  }
  const std::vector<std::string> whole = found({"needle"});
  ASSERT_THAT(whole, SizeIs(18));
  for (std::size_t limit = 1; limit < 8; ++limit) EXPECT_EQ(found_in_pages({"needle"}, limit), whole) << limit;
}

TEST_P(SearchContract, ConversationsThatWereLastActiveAtTheSameMomentAreAllFound) {
  for (const auto* thread : {"a", "b", "c", "d"}) converse(thread, "needle");
  EXPECT_THAT(found_in_pages({"needle"}, 1), SizeIs(4));
}

TEST_P(SearchContract, GivesUpAPageEarlyAndGoesOnFromThere) {
  converse("a");
  say("a", "m1", "needle");
  Commit many;
  for (std::size_t i = 0; i < MessageLog::kMaxSearched; ++i) {
    many.changes.emplace_back(a_message("run-a", "n" + std::to_string(i), "hay"));
  }
  must(messages().commit(std::move(many)));
  const SearchPage first = search({.words = {"needle"}});
  EXPECT_THAT(first.hits, IsEmpty());
  ASSERT_TRUE(first.next.has_value());
  EXPECT_THAT(names(search({.words = {"needle"}, .from = first.next})), ElementsAre("m1"));
}

}  // namespace
}  // namespace omakase::store::contract
