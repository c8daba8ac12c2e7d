#include <gmock/gmock.h>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using By = MessageQuery::By;

TEST_P(MessageLogContract, SinceIsExclusive) {
  const auto times = append_ten();
  EXPECT_THAT(ids_of_ten({.since = times[7]}), ElementsAre("m8", "m9"));
  EXPECT_THAT(ids_of_ten({.since = times[9]}), IsEmpty());
}

TEST_P(MessageLogContract, UntilIsInclusiveAndBeforeIsNot) {
  const auto times = append_ten();
  EXPECT_THAT(ids_of_ten({.until = times[1]}), ElementsAre("m0", "m1"));
  EXPECT_THAT(ids_of_ten({.before = times[1]}), ElementsAre("m0"));
  EXPECT_THAT(ids_of_ten({.since = times[2], .until = times[4]}), ElementsAre("m3", "m4"));
}

TEST_P(MessageLogContract, TheFirstOrTheLastOfARangeBothAscending) {
  const auto times = append_ten();
  EXPECT_THAT(ids_of_ten({.limit = 2}), ElementsAre("m0", "m1"));
  EXPECT_THAT(ids_of_ten({.last = true, .limit = 2}), ElementsAre("m8", "m9"));
  EXPECT_THAT(ids_of_ten({.before = times[8], .last = true, .limit = 3}), ElementsAre("m5", "m6", "m7"));
  EXPECT_THAT(ids_of_ten({.limit = 0}), IsEmpty());
}

TEST_P(MessageLogContract, OneSendersMessages) {
  const auto times = append_ten();
  EXPECT_THAT(ids_of_ten({.since = times[4], .sender = model::Sender::kUser}), ElementsAre("m6", "m8"));
  EXPECT_THAT(ids_of_ten({.last = true, .sender = model::Sender::kAgent, .limit = 2}), ElementsAre("m7", "m9"));
}

TEST_P(MessageLogContract, StopsAfterTheMessageThatPassesTheBytes) {
  append_ten();
  EXPECT_THAT(ids_of_ten({.max_bytes = 0}), ElementsAre("m0"));
  EXPECT_THAT(ids_of_ten({.max_bytes = 25}), ElementsAre("m0", "m1", "m2"));
  EXPECT_THAT(ids_of_ten({.last = true, .max_bytes = 15}), ElementsAre("m8", "m9"));
}

TEST_P(MessageLogContract, PagesMeetWithoutGapOrRepeat) {
  append_ten();
  std::vector<std::string> forward;
  for (MessageQuery page{.id = "ten", .limit = 3};;) {
    const auto rows = list(page);
    if (rows.empty()) break;
    for (const auto& row : rows) forward.push_back(row.id);
    page.since = rows.back().timestamp;
  }
  EXPECT_EQ(forward, ids_of_run("ten"));
}

TEST_P(MessageLogContract, AThreadHoldsTheMessagesOfItsRunsInOneOrder) {
  model::Run first = a_run("run1");
  first.thread_id = "thread";
  model::Run second = a_run("run2");
  second.thread_id = "thread";
  start(first);
  start(second);
  start(a_run("run3"));
  append(a_message("run2", "m1"));
  append(a_message("run1", "m2"));
  append(a_message("run3", "elsewhere"));
  AppendMessage aimed = a_message("run3", "m3");
  aimed.message.thread_id = "thread";
  append(aimed);
  const auto all = list({.by = By::kThread, .id = "thread"});
  EXPECT_THAT(ids(all), ElementsAre("m1", "m2", "m3"));
  EXPECT_EQ(all[1].run_id, "run1");
  EXPECT_THAT(ids(list({.by = By::kThread, .id = "thread", .before = all[2].timestamp, .last = true, .limit = 1})),
              ElementsAre("m2"));
  EXPECT_THAT(list({.by = By::kThread, .id = "unknown"}), IsEmpty());
}

TEST_P(MessageLogContract, AFeatureHoldsTheMessagesOfItsRuns) {
  model::Run run = a_run("run1");
  run.feature_id = "feature";
  start(run);
  start(a_run("run2"));
  append(a_message("run1", "m1"));
  append(a_message("run2", "elsewhere"));
  append(a_message("run1", "m2"));
  EXPECT_THAT(ids(list({.by = By::kFeature, .id = "feature"})), ElementsAre("m1", "m2"));
  EXPECT_THAT(ids(list({.by = By::kFeature, .id = "feature", .last = true, .limit = 1})), ElementsAre("m2"));
}

}  // namespace
}  // namespace omakase::store::contract
