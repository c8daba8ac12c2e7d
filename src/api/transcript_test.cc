#include "api/transcript.h"

#include <gtest/gtest.h>

namespace omakase::api {
namespace {

namespace json = boost::json;

const base::Timestamp kTime = base::parse_timestamp("2026-11-26T09:05:07.123456Z").value();

model::Message said(model::Sender sender, std::string content) {
  model::Message message;
  message.sender = sender;
  message.content = std::move(content);
  message.timestamp = kTime;
  if (sender == model::Sender::kAgent) message.role = model::Role::kCoder;
  if (sender == model::Sender::kUser) message.delivered_at = kTime;
  return message;
}

TEST(Transcript, BeginsWithTheTitleAndWhoTalks) {
  const model::Thread thread{.agent_name = "nori", .title = "Fix the rice cooker", .created_at = kTime};
  EXPECT_EQ(transcript_head(thread, "kitchen"),
            "# Fix the rice cooker\n\nWith Nori (coder) in the project kitchen, since 2026-11-26 09:05:07 UTC.\n\n---\n\n");
  EXPECT_TRUE(transcript_head({.agent_name = "nori"}, "kitchen").starts_with("# Conversation with Nori\n"));
}

TEST(Transcript, SaysWhoSaidWhatAndWhen) {
  EXPECT_EQ(transcript_entry(said(model::Sender::kUser, "Is it *done*?"), "Nori"),
            "**You**, 2026-11-26 09:05:07 UTC\n\nIs it *done*?\n\n");
  EXPECT_EQ(transcript_entry(said(model::Sender::kAgent, "Yes.\n"), "Nori"),
            "**Nori** (coder), 2026-11-26 09:05:07 UTC\n\nYes.\n\n");
  model::Message waiting = said(model::Sender::kUser, "And now?");
  waiting.delivered_at.reset();
  EXPECT_EQ(transcript_entry(waiting, "Nori"), "**You**, 2026-11-26 09:05:07 UTC, not read yet\n\nAnd now?\n\n");
}

TEST(Transcript, NamesWhoWroteAndWhatTheyAttached) {
  model::Message message = said(model::Sender::kUser, "Look.");
  message.author = model::Author{"ana", "Ana Lopes"};
  message.attachments = {{"1", "shot.png", "image/png", 9}, {"2", "a`b.txt", "text/plain", 9}};
  EXPECT_EQ(transcript_entry(message, "Nori"),
            "**Ana Lopes**, 2026-11-26 09:05:07 UTC\n\nLook.\n\n- attached: `shot.png`\n- attached: `` a`b.txt ``\n\n");
}

TEST(Transcript, TellsStatusAndErrorsApart) {
  model::Message message = said(model::Sender::kAgent, "Started coding");
  message.type = model::MessageType::kStatus;
  EXPECT_EQ(transcript_entry(message, "Nori"), "*Started coding*, 2026-11-26 09:05:07 UTC\n\n");
  message.type = model::MessageType::kError;
  message.content = "It broke.";
  EXPECT_EQ(transcript_entry(message, "Nori"), "**Nori** (coder), 2026-11-26 09:05:07 UTC, error\n\nIt broke.\n\n");
}

TEST(Transcript, GivesEachToolALine) {
  model::Message message = said(model::Sender::kAgent, "");
  message.tool_uses.push_back({.tool = "Bash", .input = {{"command", "npm test"}}, .summary = "exit 0"});
  message.tool_uses.push_back({.tool = "Bash", .input = {{"command", "echo `date`\nls"}}, .status = model::ToolStatus::kError});
  message.tool_uses.push_back({.tool = "TodoWrite", .input = {{"todos", json::array()}}});
  message.tool_uses.push_back({.tool = "Bash", .input = {{"command", std::string(199, 'x') + "寿司"}}});
  EXPECT_EQ(transcript_entry(message, "Nori"),
            "**Nori** (coder), 2026-11-26 09:05:07 UTC\n\n- Bash `npm test`: exit 0\n- Bash `` echo `date` … `` (failed)\n- "
            "TodoWrite\n- Bash `" +
                std::string(199, 'x') + " …`\n\n");
}

TEST(Transcript, LeavesOutWhatWasForTheMoment) {
  model::Message step = said(model::Sender::kAgent, "Cloning");
  step.setup = json::object{{"step", "clone"}};
  EXPECT_EQ(transcript_entry(step, "Nori"), "");
  model::Message withdrawn = said(model::Sender::kUser, "Forget it");
  withdrawn.withdrawn_at = kTime;
  EXPECT_EQ(transcript_entry(withdrawn, "Nori"), "");
}

TEST(Transcript, NamesItsFileByTheTitle) {
  EXPECT_EQ(transcript_file_name({.title = "Fix the \"rice\" cooker/now!"}), "fix-the-rice-cooker-now");
  EXPECT_EQ(transcript_file_name({.title = "寿司"}), "conversation");
  EXPECT_EQ(transcript_file_name({}), "conversation");
  EXPECT_EQ(transcript_file_name({.title = std::string(100, 'a')}).size(), 60u);
}

}  // namespace
}  // namespace omakase::api
