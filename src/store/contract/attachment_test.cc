#include <gmock/gmock.h>

#include "store/contract/attachment_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(AttachmentContract, GivesBackWhateverBytesItWasGiven) {
  std::string bytes(100'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  upload("a", bytes);
  reopen();
  EXPECT_EQ(must(catalog().attached_file("a"))->bytes, bytes);
  EXPECT_EQ(must(catalog().attached_file("a"))->about.name, "a.txt");
  const auto known = must(catalog().attachment("a"));
  EXPECT_EQ(known->project_id, "project");
  EXPECT_EQ(known->thread_id, std::nullopt);
  EXPECT_FALSE(must(catalog().attachment("none")).has_value());
}

TEST_P(AttachmentContract, BelongsToTheMessageThatIsSentWithIt) {
  const auto stored = append(with("m", {upload("a"), upload("b")}));
  EXPECT_EQ(stored.attachments.size(), 2u);
  reopen();
  const auto read = list({.id = "run"});
  EXPECT_EQ(model::to_json(read.at(0)), model::to_json(stored));
  EXPECT_THAT(ids(read.at(0).attachments), ElementsAre("a", "b"));
  EXPECT_EQ(must(catalog().attachment("a"))->thread_id, "thread");
}

TEST_P(AttachmentContract, BelongsToOneMessage) {
  const auto a = upload("a");
  append(with("m1", {a}));
  EXPECT_EQ(code(commit(with("m2", {upload("b"), a}))), "attachment_used");
  EXPECT_THAT(ids_of_run("run"), ElementsAre("m1"));
  append(with("m3", {must(catalog().attachment("b"))->about}));
  const auto again = must(commit(with("m1", {a})));
  EXPECT_TRUE(again.existed.at(0));
  EXPECT_THAT(ids(again.appended.at(0).attachments), ElementsAre("a"));
}

TEST_P(AttachmentContract, AnotherProjectsFileIsNotTaken) {
  must(catalog().add_attachment({{"x", "x", "text/plain", 1}, "x"}, "other", {1}));
  EXPECT_EQ(code(commit(with("m", {must(catalog().attachment("x"))->about}))), "attachment_used");
}

TEST_P(AttachmentContract, IsFreeAgainWhenItsMessageIsTakenBack) {
  append(with("m", {upload("a")}));
  must(commit(ChangeWaiting{.run_id = "run", .message_id = "m", .content = "other words"}));
  EXPECT_TRUE(is_there("a"));
  const auto gone = must(commit(ChangeWaiting{.run_id = "run", .message_id = "m", .withdraw = true}));
  EXPECT_THAT(gone.updated.at(0).attachments, IsEmpty());
  // Who takes that back in turn sends it again.
  append(with("again", {must(catalog().attachment("a"))->about}));
  must(commit(ChangeWaiting{.run_id = "run", .message_id = "again", .withdraw = true}));
  must(catalog().delete_unused_attachments({clock_.now().micros + 1}));
  EXPECT_FALSE(is_there("a"));
}

TEST_P(AttachmentContract, GoesWithItsConversation) {
  append(with("m", {upload("a")}));
  upload("b");
  must(commit(UpdateRun{.run_id = "run", .status = model::RunStatus::kCompleted}));
  must(commit(DeleteThread{"thread"}));
  EXPECT_FALSE(is_there("a"));
  EXPECT_TRUE(is_there("b"));
}

TEST_P(AttachmentContract, WhatWasNeverSentIsDeletedByAge) {
  upload("old", "x", {1'000});
  upload("new", "x", {2'000});
  append(with("m", {upload("sent", "x", {1'000})}));
  must(catalog().delete_unused_attachments({1'500}));
  EXPECT_FALSE(is_there("old"));
  EXPECT_TRUE(is_there("new"));
  EXPECT_TRUE(is_there("sent"));
}

TEST_P(AttachmentContract, AMessageNamesWhoWroteItAsTheyAreCalledNow) {
  must(people().add_user({.id = "ana", .name = "Ana", .role = model::UserRole::kDeveloper, .created_at = {1}}));
  AppendMessage append = a_message("run", "m");
  append.message.author = model::Author{.id = "ana"};
  EXPECT_EQ(this->append(append).author->name, "Ana");
  must(people().update_user("ana", {.name = "Ana Lopes"}));
  EXPECT_EQ(list({.id = "run"}).at(0).author->name, "Ana Lopes");
  EXPECT_FALSE(this->append(a_message("run", "m2")).author.has_value());
}

}  // namespace
}  // namespace omakase::store::contract
