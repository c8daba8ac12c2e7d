#include <gmock/gmock.h>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

model::User a_user(std::string id, std::string name, std::int64_t created_at = 1) {
  return {.id = std::move(id), .name = std::move(name), .role = model::UserRole::kDeveloper, .created_at = {created_at}};
}

model::UserToken a_token(std::string id, std::string user_id) {
  return {.id = id, .user_id = std::move(user_id), .name = "CI", .hash = "hash of " + id, .created_at = {3}};
}

TEST_P(PeopleContract, TheOperatorIsThereFromTheBeginning) {
  const auto user = must(people().user(std::string(model::kOperatorId)));
  ASSERT_TRUE(user.has_value());
  EXPECT_EQ(user->role, model::UserRole::kAdmin);
  EXPECT_FALSE(user->deactivated_at.has_value());
  EXPECT_GT(user->created_at.micros, 0);
}

TEST_P(PeopleContract, PeopleAreListedInTheOrderInWhichTheyCame) {
  const Timestamp last{must(people().user("admin"))->created_at};
  must(people().add_user(a_user("ana", "Ana", last.micros + 10)));
  must(people().add_user(a_user("ben", "Ben", last.micros + 20)));
  reopen();
  EXPECT_THAT(ids(must(people().users(std::nullopt, 10))), ElementsAre("admin", "ana", "ben"));
  EXPECT_THAT(ids(must(people().users(last, 1))), ElementsAre("ana"));
  EXPECT_EQ(model::to_json(*must(people().user("ben"))), model::to_json(a_user("ben", "Ben", last.micros + 20)));
  EXPECT_FALSE(must(people().user("nobody")).has_value());
}

TEST_P(PeopleContract, NoTwoActivePeopleHaveTheSameName) {
  must(people().add_user(a_user("ana", "Ana")));
  must(people().add_user(a_user("ben", "Ben")));
  EXPECT_EQ(code(people().add_user(a_user("other", "ANA"))), "name_taken");
  EXPECT_EQ(code(people().update_user("ben", {.name = "ana"})), "name_taken");
  EXPECT_EQ(must(people().update_user("ana", {.name = "ana"}))->name, "ana") << "one's own name is free";
  must(people().set_active("ana", false));
  EXPECT_FALSE(must(people().user_named("Ana")).has_value());
  must(people().add_user(a_user("second", "Ana")));
  EXPECT_EQ(must(people().user_named("aNA"))->id, "second");
  EXPECT_EQ(code(people().set_active("ana", true)), "name_taken");
}

TEST_P(PeopleContract, APersonChangesWhereTheyAreNamed) {
  must(people().add_user(a_user("ana", "Ana")));
  EXPECT_EQ(must(people().update_user("ana", {.role = model::UserRole::kViewer}))->name, "Ana");
  EXPECT_EQ(must(people().update_user("ana", {.name = "Anna"}))->role, model::UserRole::kViewer);
  EXPECT_FALSE(must(people().update_user("nobody", {.name = "Somebody"})).has_value());
}

TEST_P(PeopleContract, WhoIsDeactivatedLosesEveryWayInAndKeepsTheirProjects) {
  const Timestamp soon{clock_.now().micros + 10};
  for (const char* id : {"ana", "ben"}) {
    must(people().add_user(a_user(id, id)));
    must(people().add_login_code(std::string("code of ") + id, id, soon));
    must(people().add_login({std::string("login of ") + id, id, soon}));
    must(people().add_token(a_token(std::string("token of ") + id, id)));
    must(people().add_member("project", id));
  }
  EXPECT_EQ(must(people().set_active("ana", false))->deactivated_at, clock_.now());
  EXPECT_FALSE(must(people().login("login of ana")).has_value());
  EXPECT_FALSE(must(people().token("hash of token of ana")).has_value());
  EXPECT_THAT(ids(must(people().members("project"))), ElementsAre("ben"));
  EXPECT_FALSE(must(people().set_active("ana", true))->deactivated_at.has_value());
  EXPECT_FALSE(must(people().login("login of ana")).has_value()) << "coming back needs a new link";
  EXPECT_FALSE(must(people().take_login_code("code of ana")).has_value());
  EXPECT_THAT(must(people().tokens("ana")), IsEmpty());
  EXPECT_THAT(must(people().projects_of("ana")), ElementsAre("project"));
  EXPECT_TRUE(must(people().login("login of ben")).has_value());
  EXPECT_TRUE(must(people().token("hash of token of ben")).has_value());
  EXPECT_EQ(must(people().take_login_code("code of ben")), "ben");
  EXPECT_FALSE(must(people().set_active("nobody", false)).has_value());
}

TEST_P(PeopleContract, ALoginCodeIsTakenOnceAndOnlyBeforeItExpires) {
  const Timestamp soon{clock_.now().micros + 10};
  must(people().add_login_code("code", "ana", soon));
  must(people().add_login_code("late", "ana", soon));
  EXPECT_FALSE(must(people().take_login_code("other")).has_value());
  EXPECT_EQ(must(people().take_login_code("code")), "ana");
  EXPECT_FALSE(must(people().take_login_code("code")).has_value());
  clock_.advance(10);
  EXPECT_FALSE(must(people().take_login_code("late")).has_value());
}

TEST_P(PeopleContract, ThePendingLoginCodesOfAPersonAreTakenBack) {
  const Timestamp soon{clock_.now().micros + 10};
  must(people().add_login_code("one", "ana", soon));
  must(people().add_login_code("two", "ben", soon));
  must(people().remove_login_codes("ana"));
  EXPECT_FALSE(must(people().take_login_code("one")).has_value());
  EXPECT_EQ(must(people().take_login_code("two")), "ben");
}

TEST_P(PeopleContract, ALoginLastsUntilItExpiresOrIsRemoved) {
  const Timestamp soon{clock_.now().micros + 10};
  must(people().add_user(a_user("ana", "Ana")));
  must(people().add_login({"one", "ana", soon}));
  must(people().add_login({"two", "admin", soon}));
  must(people().add_login({"three", "nobody", soon}));
  reopen();
  const auto admitted = must(people().login("one"));
  ASSERT_TRUE(admitted.has_value());
  EXPECT_EQ(admitted->user_id, "ana");
  EXPECT_EQ(admitted->name, "Ana");
  EXPECT_EQ(admitted->role, model::UserRole::kDeveloper);
  EXPECT_EQ(admitted->expires_at, soon);
  EXPECT_EQ(admitted->token_id, "");
  EXPECT_FALSE(must(people().login("three")).has_value());
  EXPECT_TRUE(must(people().remove_login("one")));
  EXPECT_FALSE(must(people().remove_login("one")));
  EXPECT_FALSE(must(people().login("one")).has_value());
  EXPECT_TRUE(must(people().login("two")).has_value());
  clock_.advance(10);
  EXPECT_FALSE(must(people().login("two")).has_value());
}

TEST_P(PeopleContract, ATokenLetsItsPersonInUntilItExpiresOrIsRevoked) {
  must(people().add_user(a_user("ana", "Ana")));
  model::UserToken token = a_token("t1", "ana");
  token.expires_at = Timestamp{clock_.now().micros + 10};
  must(people().add_token(token));
  must(people().add_token(a_token("t2", "ana")));
  must(people().set_token_used("t2", {77}));
  reopen();
  const auto admitted = must(people().token("hash of t1"));
  ASSERT_TRUE(admitted.has_value());
  EXPECT_EQ(admitted->token_id, "t1");
  EXPECT_EQ(admitted->expires_at, token.expires_at);
  const auto tokens = must(people().tokens("ana"));
  EXPECT_THAT(ids(tokens), ElementsAre("t2", "t1"));
  EXPECT_EQ(tokens[0].last_used_at, Timestamp{77});
  EXPECT_EQ(model::to_json(tokens[1]), model::to_json(token));
  clock_.advance(10);
  EXPECT_FALSE(must(people().token("hash of t1")).has_value());
  EXPECT_TRUE(must(people().token("hash of t2")).has_value());
  EXPECT_FALSE(must(people().remove_token("ben", "t2")).has_value()) << "only their own";
  EXPECT_EQ(must(people().remove_token("ana", "t2"))->hash, "hash of t2");
  EXPECT_FALSE(must(people().remove_token("ana", "t2")).has_value());
  EXPECT_FALSE(must(people().token("hash of t2")).has_value());
}

TEST_P(PeopleContract, APersonHasALimitedNumberOfTokens) {
  for (std::int64_t i = 0; i < People::kMaxTokens; ++i) must(people().add_token(a_token("t" + std::to_string(i), "ana")));
  EXPECT_EQ(code(people().add_token(a_token("more", "ana"))), "too_many");
  must(people().add_token(a_token("of another", "ben")));
  must(people().remove_token("ana", "t0"));
  must(people().add_token(a_token("more", "ana")));
}

TEST_P(PeopleContract, APersonIsAMemberOfAProjectOrNot) {
  for (const char* id : {"ana", "ben"}) must(people().add_user(a_user(id, id)));
  EXPECT_TRUE(must(people().add_member("one", "ana")));
  EXPECT_FALSE(must(people().add_member("one", "ana")));
  must(people().add_member("one", "ben"));
  must(people().add_member("two", "ana"));
  reopen();
  EXPECT_THAT(ids(must(people().members("one"))), ElementsAre("ana", "ben"));
  EXPECT_THAT(must(people().projects_of("ana")), UnorderedElementsAre("one", "two"));
  EXPECT_TRUE(must(people().remove_member("one", "ana")));
  EXPECT_FALSE(must(people().remove_member("one", "ana")));
  EXPECT_THAT(must(people().projects_of("ana")), ElementsAre("two"));
}

TEST_P(PeopleContract, WhatWasSaidBeforeSomebodyJoinsCountsAsRead) {
  model::Thread thread = a_thread("t1");
  must(catalog().create_thread(thread));
  model::Run talk = a_run("r1");
  talk.thread_id = "t1";
  start(talk);
  const auto say = [&](const char* id) {
    AppendMessage said = a_message("r1", id);
    said.message.sender = model::Sender::kAgent;
    append(std::move(said));
  };
  say("m1");
  EXPECT_EQ(must(catalog().unread("ana", "project")).size(), 1u);
  must(people().add_member("project", "ana"));
  EXPECT_THAT(must(catalog().unread("ana", "project")), IsEmpty());
  say("m2");
  EXPECT_EQ(must(catalog().unread("ana", "project")).at(0).count, 1u);
}

model::PushSubscription a_browser(std::string id, std::string user_id) {
  return {.id = id,
          .user_id = std::move(user_id),
          .endpoint = "https://push.example/" + id,
          .p256dh = "p",
          .auth = "a",
          .kinds = {model::NewsKind::kQuestion, model::NewsKind::kTurn},
          .browser = "Firefox",
          .created_at = {7}};
}

TEST_P(PeopleContract, TheFirstPushKeyStays) {
  EXPECT_FALSE(must(people().push_key()).has_value());
  EXPECT_EQ(must(people().set_push_key("one")), "one");
  EXPECT_EQ(must(people().set_push_key("two")), "one");
  reopen();
  EXPECT_EQ(must(people().push_key()), "one");
}

TEST_P(PeopleContract, ABrowserIsToldForWhomeverSubscribedLast) {
  must(people().add_user({.id = "ana", .name = "Ana", .role = model::UserRole::kDeveloper, .created_at = {1}}));
  must(people().add_push_subscription(a_browser("b1", "ana")));
  must(people().add_push_subscription(a_browser("b2", "ana")));
  model::PushSubscription again = a_browser("b1", "admin");
  again.id = "new";
  again.kinds = {model::NewsKind::kError};
  EXPECT_EQ(must(people().add_push_subscription(again)).id, "b1");
  reopen();
  EXPECT_THAT(ids(must(people().push_subscriptions("ana"))), testing::ElementsAre("b2"));
  const auto admins = must(people().push_subscriptions("admin"));
  EXPECT_THAT(admins.at(0).kinds, testing::ElementsAre(model::NewsKind::kError));
  EXPECT_FALSE(must(people().remove_push_subscription("admin", "b2")));
  EXPECT_TRUE(must(people().remove_push_subscription("ana", "b2")));
  must(people().set_active("ana", false));
}

TEST_P(PeopleContract, ThoseWhoMayKnowOfAProjectAreToldOfIt) {
  must(people().add_user({.id = "ana", .name = "Ana", .role = model::UserRole::kDeveloper, .created_at = {1}}));
  must(people().add_user({.id = "vera", .name = "Vera", .role = model::UserRole::kViewer, .created_at = {2}}));
  must(people().add_user({.id = "otto", .name = "Otto", .role = model::UserRole::kDeveloper, .created_at = {3}}));
  for (const std::string who : {"admin", "ana", "vera", "otto"})
    must(people().add_push_subscription(a_browser("of-" + who, who)));
  must(people().add_member("project", "ana"));
  must(people().add_member("project", "vera"));
  EXPECT_THAT(ids(must(people().push_subscriptions_for("project", true))), testing::ElementsAre("of-admin", "of-ana", "of-vera"));
  EXPECT_THAT(ids(must(people().push_subscriptions_for("project", false))), testing::ElementsAre("of-admin", "of-ana"));
  must(people().set_active("ana", false));
  EXPECT_THAT(ids(must(people().push_subscriptions_for("project", true))), testing::ElementsAre("of-admin", "of-vera"));
  EXPECT_THAT(must(people().push_subscriptions("ana")), testing::IsEmpty());
}

TEST_P(PeopleContract, APersonHasSoManyBrowsersAndNoMore) {
  for (int i = 0; i < People::kMaxPushSubscriptions; ++i) {
    must(people().add_push_subscription(a_browser("b" + std::to_string(i), "admin")));
  }
  EXPECT_EQ(code(people().add_push_subscription(a_browser("more", "admin"))), "too_many");
  must(people().add_push_subscription(a_browser("b3", "admin")));
}

}  // namespace
}  // namespace omakase::store::contract
