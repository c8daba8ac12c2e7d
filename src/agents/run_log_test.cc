#include "agents/run_log.h"

#include <gmock/gmock.h>

namespace omakase::agents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Level = model::LogLevel;
using base::Timestamp;
namespace json = boost::json;

std::vector<std::string> told(const std::vector<model::LogLine>& lines) {
  std::vector<std::string> out;
  out.reserve(lines.size());
  for (const auto& line : lines) out.push_back(std::string(model::word(line.level)) + " " + line.message);
  return out;
}

store::AppendMessage said(std::string content, model::MessageType type = model::MessageType::kMessage) {
  model::Message message;
  message.sender = model::Sender::kAgent;
  message.type = type;
  message.content = std::move(content);
  return {.message = std::move(message)};
}

model::ToolUse a_tool(std::string tool, json::object input) {
  return {.tool_use_id = "t1", .tool = std::move(tool), .input = std::move(input), .started_at = {1'000'000}};
}

store::AskPermission asks(std::string request_id) {
  return {.permission = {.request_id = std::move(request_id), .tool = "Bash", .input = {{"command", "rm -r build"}}}};
}

TEST(RunLog, TellsStatusErrorsAndTheFirstLineOfWhatTheAgentSays) {
  store::AppendMessage step = said("I read the tests.\nThen I run them.");
  step.message.tool_uses = {a_tool("Read", {{"file_path", "app/cart.py"}}), a_tool("Bash", {{"command", "pytest -q\necho done"}}),
                            a_tool("mcp__db__query", {{"sql", "SELECT 1"}})};
  EXPECT_THAT(told(log_of({said("Started coding", model::MessageType::kStatus), step,
                           said("The model is overloaded", model::MessageType::kError)},
                          {})),
              ElementsAre("info Started coding", "info “I read the tests.…”", "info Running pytest -q…",
                          "info Using mcp__db__query", "error The model is overloaded"));
}

TEST(RunLog, SaysNothingOfAPersonsMessageAndOfAStepWithoutWords) {
  store::AppendMessage persons = said("hello");
  persons.message.sender = model::Sender::kUser;
  store::AppendMessage silent = said("");
  silent.message.tool_uses = {a_tool("Grep", {{"pattern", "TODO"}})};
  EXPECT_THAT(log_of({persons, silent, store::UpdateRun{}}, {}), IsEmpty());
}

TEST(RunLog, TellsTheStepsOfASetUpWithWhatTheyPrinted) {
  store::AppendMessage step = said("npm ci failed", model::MessageType::kStatus);
  step.message.setup = json::object{{"step", "install"}, {"state", "warning"}, {"output", "ERR! 404\n"}};
  const auto lines = log_of({step}, {});
  EXPECT_THAT(told(lines), ElementsAre("warn npm ci failed\nERR! 404"));
  EXPECT_EQ(lines.at(0).source, "setup");
}

TEST(RunLog, TellsHowAToolEndedAndWhatAFailedOneSaid) {
  model::ToolUse fine = a_tool("Edit", {{"file_path", "a.py"}});
  fine.status = model::ToolStatus::kDone;
  fine.summary = "+2 −1";
  fine.ended_at = Timestamp{1'400'000};
  model::ToolUse failed = a_tool("Bash", {{"command", "pytest"}});
  failed.status = model::ToolStatus::kError;
  failed.summary = "exit 1";
  failed.result = "1 failed";
  failed.ended_at = Timestamp{4'400'000};
  const auto lines =
      log_of({claude::live::ToolEnd{"m", fine}, claude::live::Complete{"m"}, claude::live::ToolEnd{"m", failed}}, {});
  EXPECT_THAT(told(lines), ElementsAre("info Edited a.py: +2 −1 after 0.4 s", "error Ran pytest: exit 1 after 3.4 s\n1 failed"));
  EXPECT_EQ(lines.at(0).timestamp.micros, 1'400'000);
}

TEST(RunLog, TellsWhatIsAskedOfAPersonAndNotWhatAnEarlierAnswerAllows) {
  const store::ResolvePermission automatic{.request_id = "known", .status = model::PermissionStatus::kAllowed, .automatic = true};
  EXPECT_THAT(told(log_of({asks("new"), asks("known"), automatic}, {})),
              ElementsAre("warn Asks before it goes on: Running rm -r build"));
  EXPECT_THAT(told(log_of({store::ResolvePermission{.request_id = "new", .status = model::PermissionStatus::kDenied}}, {})),
              ElementsAre("info Was told no"));
}

TEST(RunLog, CountsTheTokensOfACallAndWarnsOfOneThatFailed) {
  model::ModelCall call{
      .model = "m-1", .status = 200, .usage = {.input_tokens = 10, .output_tokens = 7, .cache_read_tokens = 90}};
  call.ended_at = Timestamp{2'500'000};
  model::ModelCall failed = call;
  failed.error = "cut off";
  EXPECT_THAT(told(log_of({store::RecordModelCall{"run", call}, store::RecordModelCall{"run", failed}}, {})),
              ElementsAre("debug m-1: 100 tokens in, 7 out, 2.5 s", "warn m-1: 100 tokens in, 7 out, 2.5 s: cut off"));
}

}  // namespace
}  // namespace omakase::agents
