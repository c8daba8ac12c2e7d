// A person's messages that wait for the agent: changed, taken back, held back, ordered.
#include <gmock/gmock.h>

#include "store/contract/waiting_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(WaitingContract, KeepThatTheyAreHeldBack) {
  AppendMessage held = a_message("run", "m1");
  held.message.queued = true;
  EXPECT_TRUE(append(held).queued);
  reopen();
  EXPECT_TRUE(list({.id = "run"}).at(0).queued);
  EXPECT_FALSE(change({.message_id = "m1", .queued = false}).queued);
  EXPECT_FALSE(must(messages().undelivered("run")).at(0).queued);
}

TEST_P(WaitingContract, AreFoundByTheirIdInTheirRunOnly) {
  append(a_given_message("run", "m1"));
  AppendMessage answer = a_message("run", "m2");
  answer.message.sender = model::Sender::kAgent;
  append(answer);
  EXPECT_EQ(must(messages().find_message("run", "m1"))->content, "hello");
  EXPECT_FALSE(must(messages().find_message("other", "m1")).has_value());
  EXPECT_FALSE(must(messages().find_message("run", "m2")).has_value()) << "the agent's are no person's";
}

TEST_P(WaitingContract, HaveTheirContentChanged) {
  append_waiting(1);
  const Timestamp place = list({.id = "run"}).at(0).timestamp;
  clock_.advance(50);
  const model::Message edited = change({.message_id = "m1", .content = "better"});
  EXPECT_EQ(edited.content, "better");
  EXPECT_EQ(edited.edited_at, clock_.now());
  EXPECT_EQ(edited.revision, 1);
  EXPECT_EQ(edited.timestamp, place);
  EXPECT_EQ(change({.message_id = "m1", .content = "best", .queued = true}).revision, 2);
  reopen();
  const model::Message stored = list({.id = "run"}).at(0);
  EXPECT_EQ(stored.content, "best");
  EXPECT_TRUE(stored.queued);
  EXPECT_EQ(stored.revision, 2);
}

TEST_P(WaitingContract, StayAsTheyAreWhenAChangeChangesNothing) {
  append_waiting(1);
  const model::Message same = change({.message_id = "m1", .content = "text 1", .queued = false});
  EXPECT_EQ(same.revision, 0);
  EXPECT_FALSE(same.edited_at.has_value());
  EXPECT_THAT(changed(), IsEmpty());
}

TEST_P(WaitingContract, AreHeldBackWithoutCountingAsEdited) {
  append_waiting(1);
  const model::Message held = change({.message_id = "m1", .queued = true});
  EXPECT_FALSE(held.edited_at.has_value());
  EXPECT_EQ(held.revision, 1);
  EXPECT_EQ(held.content, "text 1");
}

TEST_P(WaitingContract, ThatAreWithdrawnLeaveNothingOfTheirContent) {
  append_waiting(2);
  const model::Message withdrawn = change({.message_id = "m2", .withdraw = true});
  EXPECT_EQ(withdrawn.content, "");
  EXPECT_EQ(withdrawn.withdrawn_at, clock_.now());
  EXPECT_EQ(withdrawn.revision, 1);
  EXPECT_THAT(waiting(), ElementsAre("m1"));
  EXPECT_THAT(ids_of_run("run"), ElementsAre("m1"));
  EXPECT_THAT(ids(list({.by = MessageQuery::By::kThread, .id = "thread", .last = true})), ElementsAre("m1"));
  EXPECT_TRUE(must(messages().find_message("run", "m2"))->withdrawn_at.has_value());
  const auto thread = must(catalog().thread("thread"));
  EXPECT_EQ(thread->thread.message_count, 1);
  EXPECT_EQ(thread->last_message->content, "text 1");
}

TEST_P(WaitingContract, AreWithdrawnOnce) {
  append_waiting(1);
  const model::Message first = change({.message_id = "m1", .withdraw = true});
  clock_.advance(50);
  EXPECT_EQ(change({.message_id = "m1", .withdraw = true}).withdrawn_at, first.withdrawn_at);
  EXPECT_EQ(change({.message_id = "m1", .withdraw = true}).revision, 1);
  EXPECT_EQ(must(catalog().thread("thread"))->thread.message_count, 0);
  EXPECT_EQ(refusal({.message_id = "m1", .content = "back"}), "withdrawn");
  EXPECT_EQ(refusal({.message_id = "m1", .queued = true}), "withdrawn");
}

TEST_P(WaitingContract, AreNotChangedOnceTheAgentHasThem) {
  append_waiting(1);
  deliver("m1");
  EXPECT_EQ(refusal({.message_id = "m1", .content = "late"}), "already_delivered");
  EXPECT_EQ(refusal({.message_id = "m1", .withdraw = true}), "already_delivered");
  EXPECT_EQ(list({.id = "run"}).at(0).content, "text 1");
}

TEST_P(WaitingContract, ThatNobodyWroteCannotBeChanged) {
  AppendMessage answer = a_message("run", "m1");
  answer.message.sender = model::Sender::kAgent;
  append(answer);
  EXPECT_EQ(refusal({.message_id = "m1", .content = "mine"}), "message_not_found");
  EXPECT_EQ(refusal({.message_id = "m2", .withdraw = true}), "message_not_found");
  EXPECT_EQ(code(commit(ChangeWaiting{.run_id = "nobody", .message_id = "m1", .withdraw = true})), "run_not_found");
}

TEST_P(WaitingContract, OfConcurrentReceiptAndWithdrawalTheFirstCounts) {
  append_waiting(1);
  const Timestamp timestamp = list({.id = "run"}).at(0).timestamp;
  std::vector<Task<Result<Committed>>> tasks;
  tasks.push_back(commit(UpdateMessage{.run_id = "run", .timestamp = timestamp, .delivered_at = clock_.now()}));
  tasks.push_back(commit(ChangeWaiting{.run_id = "run", .message_id = "m1", .withdraw = true}));
  const auto results = all(std::move(tasks));
  EXPECT_TRUE(results[0].has_value());
  ASSERT_FALSE(results[1].has_value());
  EXPECT_EQ(results[1].error().code, "already_delivered");
}

TEST_P(WaitingContract, AreTheSameToASenderWhoTriesAgainAfterTheyWereChanged) {
  append(a_given_message("run", "mine", "first"));
  change({.message_id = "mine", .content = "second"});
  const Committed again = must(commit(a_given_message("run", "mine", "first")));
  EXPECT_THAT(again.existed, ElementsAre(true));
  EXPECT_EQ(again.appended.at(0).content, "second");
  change({.message_id = "mine", .withdraw = true});
  EXPECT_TRUE(must(commit(a_given_message("run", "mine", "first"))).appended.at(0).withdrawn_at.has_value());
}

TEST_P(WaitingContract, ThatWereChangedAreListedTheNewestOfThemAscending) {
  append_waiting(4);
  append(a_message("run", "untouched"));
  change({.message_id = "m3", .content = "edited"});
  change({.message_id = "m1", .withdraw = true});
  change({.message_id = "m2", .queued = true});
  EXPECT_THAT(changed(), ElementsAre("m1", "m2", "m3"));
  EXPECT_THAT(changed(2), ElementsAre("m2", "m3"));
  deliver("m3");
  EXPECT_THAT(changed(1), ElementsAre("m3")) << "what was changed stays changed";
  EXPECT_THAT(must(messages().changed_messages("other", 10)), IsEmpty());
}

TEST_P(WaitingContract, TakeEachOthersPlaces) {
  append_waiting(4);
  EXPECT_THAT(order({"m4", "m2"}), ElementsAre("m4", "m2"));
  EXPECT_THAT(waiting(), ElementsAre("m1", "m4", "m3", "m2"));
  EXPECT_THAT(ids_of_run("run"), ElementsAre("m1", "m2", "m3", "m4")) << "the conversation keeps its order";
  reopen();
  EXPECT_THAT(order({"m3", "m1"}), ElementsAre("m3", "m1"));
  EXPECT_THAT(waiting(), ElementsAre("m3", "m4", "m1", "m2"));
}

TEST_P(WaitingContract, ThatAreNewerComeLastWhateverTheOrderOfTheOthers) {
  append_waiting(3);
  order({"m3", "m2", "m1"});
  append(a_message("run", "newer"));
  EXPECT_THAT(waiting(), ElementsAre("m3", "m2", "m1", "newer"));
  order({"newer", "m1"});
  append(a_message("run", "newest"));
  EXPECT_THAT(waiting(), ElementsAre("m3", "m2", "newer", "m1", "newest"));
}

TEST_P(WaitingContract, AreOrderedWithoutThoseThatWaitNoMore) {
  append_waiting(4);
  deliver("m1");
  change({.message_id = "m2", .withdraw = true});
  EXPECT_THAT(order({"m4", "m1", "nobody", "m2", "m3", "m4"}), ElementsAre("m4", "m3"));
  EXPECT_THAT(waiting(), ElementsAre("m4", "m3"));
  EXPECT_THAT(order({"m4", "m3"}), IsEmpty()) << "already so";
  EXPECT_THAT(order({}), IsEmpty());
  EXPECT_EQ(code(commit(OrderWaiting{.run_id = "nobody", .message_ids = {"m1"}})), "run_not_found");
}

TEST_P(WaitingContract, KeepTheirPlaceWhenTheyAreEdited) {
  append_waiting(2);
  order({"m2", "m1"});
  change({.message_id = "m2", .content = "edited"});
  EXPECT_THAT(waiting(), ElementsAre("m2", "m1"));
}

TEST_P(TakenOverContract, IsWhatEndedSessionsLeftInItsOrderAndNotHeldBack) {
  must(commit(OrderWaiting{"first", {"m4", "m1"}}));
  must(commit(ChangeWaiting{.run_id = "first", .message_id = "m3", .queued = true}));
  const Committed taken = end_and_start("first", "second");
  EXPECT_THAT(ids(taken.updated), ElementsAre("m4", "m2", "m3", "m1"));
  EXPECT_THAT(waiting_in("second"), ElementsAre("m4", "m2", "m3", "m1"));
  EXPECT_THAT(waiting_in("first"), IsEmpty());
  const model::Message held = must(messages().find_message("second", "m3")).value();
  EXPECT_FALSE(held.queued) << "the turn that it was held back for is over";
  EXPECT_EQ(held.run_id, "second");
  reopen();
  append(a_message("second", "newer"));
  EXPECT_THAT(waiting_in("second"), ElementsAre("m4", "m2", "m3", "m1", "newer"));
  EXPECT_THAT(ids(list({.by = MessageQuery::By::kThread, .id = "thread"})), ElementsAre("m1", "m2", "m3", "m4", "newer"))
      << "the conversation is as it was";
}

TEST_P(TakenOverContract, IsNothingThatWasReceivedOrTakenBack) {
  const Timestamp second = must(messages().find_message("first", "m2"))->timestamp;
  must(commit(UpdateMessage{.run_id = "first", .timestamp = second, .delivered_at = clock_.now()}));
  must(commit(ChangeWaiting{.run_id = "first", .message_id = "m3", .withdraw = true}));
  end_and_start("first", "second");
  EXPECT_THAT(waiting_in("second"), ElementsAre("m1", "m4"));
  EXPECT_THAT(ids_of_run("first"), ElementsAre("m2"));
}

TEST_P(TakenOverContract, IsNothingOfRunsThatGoOnNorOfOtherThreadsNorOfProgramsOutside) {
  append(a_message("run", "of-a-run-outside"));  // "run" is of the thread, and no session
  must(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kCompleted}));
  model::Run other = a_session("other", "another-project");
  other.thread_id = "other-thread";
  start(other);
  append(a_message("other", "of-another-thread"));
  must(commit(UpdateRun{.run_id = "other", .status = model::RunStatus::kCompleted}));
  EXPECT_THAT(must(commit(TakeOverWaiting{"first"})).updated, IsEmpty()) << "nothing has ended that left anything";
  end_and_start("first", "second");
  EXPECT_THAT(waiting_in("second"), ElementsAre("m1", "m2", "m3", "m4"));
  EXPECT_THAT(waiting_in("run"), ElementsAre("of-a-run-outside"));
  EXPECT_THAT(waiting_in("other"), ElementsAre("of-another-thread"));
}

TEST_P(TakenOverContract, KnowsTheRunThatItWasSentToFirstAndIsTheSameToItsSenderThere) {
  end_and_start("first", "second");
  end_and_start("second", "third");
  reopen();
  EXPECT_EQ(must(messages().undelivered("third")).at(0).first_run_id, "first");
  const Committed again = must(commit(a_given_message("first", "m1")));
  EXPECT_THAT(again.existed, ElementsAre(true));
  EXPECT_EQ(again.appended.at(0).run_id, "third");
}

}  // namespace
}  // namespace omakase::store::contract
