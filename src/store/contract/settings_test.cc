// Settings of projects, threads and agents: secrets as sealed texts, which the store does not understand.
#include <gmock/gmock.h>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(const std::vector<model::Variable>& rows) {
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const auto& row : rows) out.push_back(row.name);
  return out;
}

model::PermissionRule a_rule(std::string id, std::string project_id = "project") {
  return {.id = std::move(id),
          .project_id = std::move(project_id),
          .tool = "Bash",
          .input = {{"command", "make test"}},
          .created_at = {5}};
}

TEST_P(CatalogContract, AProjectKeepsItsSettings) {
  model::Project project = a_project("p1");
  project.agent_network = "model";
  project.trust_repository = true;
  EXPECT_TRUE(must(catalog().create_project(project, "sealed")).has_git_token);
  reopen();
  const model::Project stored = must(catalog().project("p1"))->project;
  EXPECT_TRUE(stored.has_git_token);
  EXPECT_EQ(stored.agent_network, "model");
  EXPECT_TRUE(stored.trust_repository);
  EXPECT_EQ(must(catalog().sealed_git_token("p1")), "sealed");
  EXPECT_FALSE(must(catalog().sealed_git_token("p2")).has_value());
}

TEST_P(CatalogContract, AProjectsSettingsChangeWhereTheyAreNamed) {
  must(catalog().create_project(a_project("p1")));
  must(catalog().update_project("p1", {.sealed_git_token = "sealed", .agent_network = "open", .trust_repository = true}));
  const auto renamed = must(catalog().update_project("p1", {.name = "Shop"}));
  EXPECT_TRUE(renamed->has_git_token);
  EXPECT_EQ(renamed->agent_network, "open");
  EXPECT_TRUE(renamed->trust_repository);
  const auto without = must(catalog().update_project("p1", {.sealed_git_token = std::optional<std::string>(),
                                                            .agent_network = std::optional<std::string>(),
                                                            .trust_repository = false}));
  EXPECT_FALSE(without->has_git_token);
  EXPECT_FALSE(without->agent_network.has_value());
  EXPECT_FALSE(without->trust_repository);
  EXPECT_FALSE(must(catalog().sealed_git_token("p1")).has_value());
}

TEST_P(CatalogContract, AThreadKeepsItsPermissionModeAndModel) {
  model::Thread thread = a_thread("t1");
  thread.permission_mode = model::PermissionMode::kPlan;
  thread.model = "opus";
  must(catalog().create_thread(thread));
  reopen();
  EXPECT_EQ(model::to_json(must(catalog().thread("t1"))->thread), model::to_json(thread));
  EXPECT_EQ(must(catalog().update_thread("t1", {.title = "New"}))->model, "opus");
  const auto changed = must(
      catalog().update_thread("t1", {.permission_mode = model::PermissionMode::kAsk, .model = std::optional<std::string>()}));
  EXPECT_EQ(changed->permission_mode, model::PermissionMode::kAsk);
  EXPECT_FALSE(changed->model.has_value());
}

TEST_P(CatalogContract, VariablesBelongToAProjectAndComeByName) {
  const auto set = [&](std::string project, std::string name, std::string value) {
    must(catalog().set_variable(std::move(project),
                                {.name = std::move(name), .sealed_value = std::move(value), .updated_at = {7}}));
  };
  set("project", "B", "two");
  set("project", "A", "one");
  set("other", "C", "three");
  set("project", "B", "four");
  reopen();
  const auto stored = must(catalog().variables("project"));
  EXPECT_THAT(names(stored), ElementsAre("A", "B"));
  EXPECT_EQ(stored[1].sealed_value, "four");
  EXPECT_EQ(stored[1].updated_at, Timestamp{7});
  EXPECT_FALSE(must(catalog().delete_variable("other", "A")));
  EXPECT_TRUE(must(catalog().delete_variable("project", "A")));
  EXPECT_FALSE(must(catalog().delete_variable("project", "A")));
  EXPECT_THAT(names(must(catalog().variables("project"))), ElementsAre("B"));
}

TEST_P(CatalogContract, AProjectHasALimitedNumberOfVariables) {
  const auto variable = [](std::string name) { return model::Variable{.name = std::move(name), .sealed_value = "sealed"}; };
  for (std::int64_t i = 0; i < Catalog::kMaxVariables; ++i) {
    must(catalog().set_variable("project", variable("V" + std::to_string(i))));
  }
  EXPECT_EQ(code(catalog().set_variable("project", variable("ONE_MORE"))), "too_many");
  must(catalog().set_variable("project", variable("V1")));
  must(catalog().set_variable("other", variable("ONE_MORE")));
  must(catalog().delete_variable("project", "V0"));
  must(catalog().set_variable("project", variable("ONE_MORE")));
}

TEST_P(CatalogContract, AConsentForGoodIsKeptOnceForAProjectAndAnInput) {
  must(catalog().add_permission_rule(a_rule("r1"), "digest"));
  EXPECT_EQ(must(catalog().add_permission_rule(a_rule("r2"), "digest")).id, "r1");
  must(catalog().add_permission_rule(a_rule("r3", "other"), "digest"));
  must(catalog().add_permission_rule(a_rule("r4"), "another"));
  EXPECT_EQ(code(catalog().add_permission_rule(a_rule("r1"), "third")), "id_conflict");
  reopen();
  const auto rules = must(catalog().permission_rules("project"));
  EXPECT_THAT(ids(rules), ElementsAre("r4", "r1"));
  EXPECT_EQ(model::to_json(rules[1]), model::to_json(a_rule("r1")));
  EXPECT_TRUE(must(catalog().has_permission_rule("project", "digest")));
  EXPECT_FALSE(must(catalog().has_permission_rule("project", "third")));
  EXPECT_FALSE(must(catalog().has_permission_rule("nobody", "digest")));
}

TEST_P(CatalogContract, AConsentForGoodCanBeTakenBackInItsProjectOnly) {
  must(catalog().add_permission_rule(a_rule("r1"), "digest"));
  EXPECT_FALSE(must(catalog().delete_permission_rule("other", "r1")));
  EXPECT_TRUE(must(catalog().delete_permission_rule("project", "r1")));
  EXPECT_FALSE(must(catalog().delete_permission_rule("project", "r1")));
  EXPECT_FALSE(must(catalog().has_permission_rule("project", "digest")));
  EXPECT_THAT(must(catalog().permission_rules("project")), IsEmpty());
}

TEST_P(CatalogContract, AnAgentsModelIsWhatWasChosenLast) {
  EXPECT_FALSE(must(catalog().agent_model("nori")).has_value());
  must(catalog().set_agent_model("nori", "opus"));
  must(catalog().set_agent_model("miso", "haiku"));
  must(catalog().set_agent_model("nori", "sonnet"));
  reopen();
  EXPECT_EQ(must(catalog().agent_model("nori")), "sonnet");
  EXPECT_EQ(must(catalog().agent_model("miso")), "haiku");
  must(catalog().set_agent_model("nori", std::nullopt));
  EXPECT_FALSE(must(catalog().agent_model("nori")).has_value());
}

TEST_P(CatalogContract, AWebhookIsWhatWasSetLastAndKeepsHowItsLastCallWent) {
  using model::NewsKind;
  EXPECT_FALSE(must(catalog().webhook("project")).has_value());
  must(catalog().set_webhook("project",
                             {.url = "https://a", .kinds = {NewsKind::kTurn}, .sealed_secret = "s", .created_at = {1}}));
  must(catalog().set_webhook_delivery("project", {.at = {5}, .delivered = false, .detail = "answered 500"}));
  must(catalog().set_webhook("project",
                             {.url = "https://b", .kinds = {NewsKind::kQuestion, NewsKind::kError}, .sealed_secret = "t"}));
  must(catalog().set_webhook("other", {.url = "https://c"}));
  reopen();
  const auto webhook = must(catalog().webhook("project")).value();
  EXPECT_EQ(webhook.url, "https://b");
  EXPECT_THAT(webhook.kinds, ElementsAre(NewsKind::kQuestion, NewsKind::kError));
  EXPECT_EQ(webhook.sealed_secret, "t");
  EXPECT_EQ(webhook.created_at.micros, 1);
  EXPECT_EQ(webhook.last->detail, "answered 500");
  EXPECT_FALSE(webhook.last->delivered);
  EXPECT_THAT(must(catalog().webhook("other"))->kinds, IsEmpty());
  EXPECT_TRUE(must(catalog().delete_webhook("project")));
  EXPECT_FALSE(must(catalog().delete_webhook("project")));
  EXPECT_FALSE(must(catalog().webhook("project")).has_value());
}

TEST_P(CatalogContract, AnAgentsPersonalityIsWhatWasWrittenLastUntilItIsTakenAway) {
  EXPECT_FALSE(must(catalog().personality("nori")).has_value());
  must(catalog().set_personality("nori", "You hum."));
  must(catalog().set_personality("miso", "You stir."));
  must(catalog().set_personality("nori", "You sing."));
  reopen();
  EXPECT_EQ(must(catalog().personality("nori")), "You sing.");
  EXPECT_EQ(must(catalog().personality("miso")), "You stir.");
  must(catalog().set_personality("nori", std::nullopt));
  must(catalog().set_personality("nori", std::nullopt));
  EXPECT_FALSE(must(catalog().personality("nori")).has_value());
  EXPECT_EQ(must(catalog().personality("miso")), "You stir.");
}

}  // namespace
}  // namespace omakase::store::contract
