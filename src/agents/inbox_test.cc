#include "agents/inbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omakase::agents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

model::Message a_message(std::string id, bool queued = false) {
  model::Message message;
  message.id = std::move(id);
  message.content = "hello";
  message.queued = queued;
  return message;
}

std::vector<std::string> names(const std::vector<Inbox::Entry*>& entries) {
  std::vector<std::string> ids;
  ids.reserve(entries.size());
  for (const Inbox::Entry* entry : entries) ids.push_back(entry->message.id);
  return ids;
}

TEST(Inbox, GivesEverythingThatIsNotHeldBackAtOnceAndInOrder) {
  Inbox inbox("run");
  inbox.put(a_message("a"));
  inbox.put(a_message("later", true));
  inbox.put(a_message("b"));
  EXPECT_THAT(names(inbox.sendable(false)), ElementsAre("a", "b"));
  EXPECT_THAT(names(inbox.sendable(true)), ElementsAre("a", "b"));
}

TEST(Inbox, WhatComesAfterAMessageWhoseFilesAreNotHereWaitsToo) {
  Inbox inbox("run");
  inbox.put(a_message("a"));
  model::Message with_file = a_message("b");
  with_file.attachments.push_back({"1", "x", "text/plain", 1});
  inbox.put(with_file);
  inbox.put(a_message("c"));
  EXPECT_THAT(names(inbox.sendable(true)), ElementsAre("a"));
  Inbox::Entry* entry = inbox.to_read();
  ASSERT_EQ(entry, inbox.find("b"));
  entry->reading = true;
  EXPECT_EQ(inbox.to_read(), nullptr);
  entry->files = std::make_shared<std::vector<model::AttachedFile>>();
  EXPECT_THAT(names(inbox.sendable(true)), ElementsAre("a", "b", "c"));
}

TEST(Inbox, GivesWhatIsHeldBackOneByOneAndOnlyToAnIdleAgent) {
  Inbox inbox("run");
  inbox.put(a_message("first", true));
  inbox.put(a_message("second", true));
  EXPECT_THAT(names(inbox.sendable(false)), IsEmpty());
  EXPECT_THAT(names(inbox.sendable(true)), ElementsAre("first"));
  inbox.find("first")->sent = true;
  EXPECT_THAT(names(inbox.sendable(true)), IsEmpty()) << "the first one has not been received";
  inbox.remove("first");
  EXPECT_THAT(names(inbox.sendable(true)), ElementsAre("second"));
}

TEST(Inbox, KeepsTheAgentsNameForAMessageThatTheNextRunTookOver) {
  Inbox first("first");
  first.put(a_message("a"));
  Inbox second("second");
  model::Message taken = a_message("a");
  taken.first_run_id = "first";
  second.put(taken);
  second.put(a_message("b"));
  EXPECT_EQ(second.find("a")->uuid, first.find("a")->uuid) << "the agent runs no message of that name again";
  first.put(a_message("b"));
  EXPECT_NE(second.find("b")->uuid, first.find("b")->uuid);
}

TEST(Inbox, GivesNothingThatAPersonIsChanging) {
  Inbox inbox("run");
  inbox.put(a_message("a"));
  inbox.find("a")->changing = true;
  EXPECT_THAT(names(inbox.sendable(true)), IsEmpty());
  EXPECT_FALSE(inbox.pressing());
}

TEST(Inbox, ReorderedMessagesTakeEachOthersPlaces) {
  Inbox inbox("run");
  for (const char* id : {"a", "b", "c", "d"}) inbox.put(a_message(id));
  inbox.order({"d", "b", "unknown"});
  EXPECT_THAT(inbox.ids(), ElementsAre("a", "d", "c", "b"));
}

TEST(Inbox, AChangedMessageHasAnotherNameForTheAgentAndAnUnchangedOneKeepsItsOwn) {
  Inbox inbox("run");
  inbox.put(a_message("a"));
  const std::string first = inbox.find("a")->uuid;
  inbox.put(a_message("a"));
  EXPECT_EQ(inbox.find("a")->uuid, first);
  model::Message changed = a_message("a");
  changed.revision = 1;
  inbox.put(changed);
  EXPECT_NE(inbox.find("a")->uuid, first);
  EXPECT_EQ(inbox.find_uuid(first), nullptr) << "an echo of the old text is no receipt of the new one";
  const std::string second = inbox.find("a")->uuid;
  inbox.take_back(*inbox.find("a"));
  EXPECT_NE(inbox.find("a")->uuid, second);
}

TEST(Inbox, ReceivedAndWithdrawnMessagesLeave) {
  Inbox inbox("run");
  inbox.put(a_message("a"));
  inbox.put(a_message("b"));
  model::Message received = a_message("a");
  received.delivered_at = base::Timestamp{1};
  model::Message withdrawn = a_message("b");
  withdrawn.withdrawn_at = base::Timestamp{1};
  inbox.put(received);
  inbox.put(withdrawn);
  EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, WhatADeadAgentHadNotReceivedIsSentAgain) {
  Inbox inbox("run");
  inbox.put(a_message("a"));
  inbox.find("a")->sent = true;
  EXPECT_TRUE(inbox.expecting());
  inbox.unsend();
  EXPECT_THAT(names(inbox.sendable(false)), ElementsAre("a"));
}

}  // namespace
}  // namespace omakase::agents
