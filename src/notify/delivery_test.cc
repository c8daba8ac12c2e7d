#include "notify/delivery.h"

#include <gtest/gtest.h>

namespace omakase::notify {
namespace {

TEST(Delivery, SaysWhoWantsSomethingAndWhere) {
  const Notice notice{.id = "n1",
                      .event = "question",
                      .words = "Nori asks permission",
                      .project_id = "p",
                      .project_name = "greeter",
                      .agent_name = "nori",
                      .run_id = "r",
                      .thread_id = "t",
                      .at = base::parse_timestamp("2026-01-31T09:05:07.000123Z").value()};
  EXPECT_EQ(
      body_of(notice, "https://omakase.example"),
      R"({"id":"n1","event":"question","text":"Nori asks permission in greeter: https://omakase.example/projects/p/threads/t",)"
      R"("project":{"id":"p","name":"greeter"},"agent":"nori","runId":"r","threadId":"t",)"
      R"("link":"https://omakase.example/projects/p/threads/t","timestamp":"2026-01-31T09:05:07.000123Z"})");
}

// The second test case of RFC 4231.
TEST(Delivery, IsSignedSoThatAnybodyWithTheSecretCanCheckIt) {
  EXPECT_EQ(signature_of("what do ya want for nothing?", "Jefe"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Delivery, IsTriedAgainWhereThatCanHelp) {
  for (const int status : {0, 408, 429, 500, 503}) EXPECT_TRUE(may_pass(status)) << status;
  for (const int status : {200, 301, 400, 401, 404, 410}) EXPECT_FALSE(may_pass(status)) << status;
}

}  // namespace
}  // namespace omakase::notify
