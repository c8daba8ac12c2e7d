// The closed sets of words of the domain, with their text form in JSON and in the store. parse functions give nullopt for any
// other text. Source: the HTTP contract (docs/api/openapi.json).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace omakase::model {

enum class Sender : std::uint8_t { kUser, kAgent };
enum class Role : std::uint8_t { kArchitect, kCoder, kReviewer, kTester };
enum class MessageType : std::uint8_t { kMessage, kStatus, kError };
enum class RunStatus : std::uint8_t { kStarted, kThinking, kCoding, kReviewing, kTesting, kCompleted, kFailed };
enum class RunKind : std::uint8_t {
  kExternal,     // a program outside this server carries it out and reports over HTTP
  kWorkSession,  // a runner of this server holds the agent, in the project's workspace
  kChat,         // the same, but the agent only reads; a project has any number of them
};
enum class ThreadMode : std::uint8_t { kChat, kWork };
enum class ThreadStatus : std::uint8_t { kActive, kArchived };
enum class ToolStatus : std::uint8_t { kRunning, kDone, kError };
// What an agent may do without asking.
enum class PermissionMode : std::uint8_t {
  kBypass,       // everything
  kAsk,          // read
  kAcceptEdits,  // read, and change files
  kPlan,         // read, and plan
};
enum class PermissionKind : std::uint8_t { kTool, kQuestion, kPlan };
enum class PermissionStatus : std::uint8_t { kPending, kAllowed, kDenied, kCancelled, kExpired };
enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };
// What a person may do; each may also do what those before it may.
enum class UserRole : std::uint8_t {
  kViewer,     // read the projects they are a member of
  kDeveloper,  // work in them, and make new ones
  kAdmin,      // everything, in every project and on the server
};
enum class PermissionScope : std::uint8_t { kOnce, kSession, kCommand };

std::string_view word(Sender sender);
std::string_view word(Role role);
std::string_view word(MessageType type);
std::string_view word(RunStatus status);
std::string_view word(RunKind kind);
std::string_view word(ThreadMode mode);
std::string_view word(ThreadStatus status);
std::string_view word(ToolStatus status);
std::string_view word(PermissionScope scope);
std::string_view word(PermissionStatus status);
std::string_view word(PermissionKind kind);
std::string_view word(PermissionMode mode);
std::string_view word(LogLevel level);
std::string_view word(UserRole role);

std::optional<Sender> parse_sender(std::string_view text);
std::optional<Role> parse_role(std::string_view text);
std::optional<MessageType> parse_message_type(std::string_view text);
std::optional<RunStatus> parse_run_status(std::string_view text);
std::optional<RunKind> parse_run_kind(std::string_view text);
std::optional<ThreadMode> parse_thread_mode(std::string_view text);
std::optional<ThreadStatus> parse_thread_status(std::string_view text);
std::optional<ToolStatus> parse_tool_status(std::string_view text);
std::optional<PermissionMode> parse_permission_mode(std::string_view text);
std::optional<PermissionKind> parse_permission_kind(std::string_view text);
std::optional<PermissionStatus> parse_permission_status(std::string_view text);
std::optional<PermissionScope> parse_permission_scope(std::string_view text);
std::optional<LogLevel> parse_log_level(std::string_view text);
std::optional<UserRole> parse_user_role(std::string_view text);

constexpr bool is_active(RunStatus status) { return status < RunStatus::kCompleted; }

// A run that this server carries out itself.
constexpr bool is_session(RunKind kind) { return kind != RunKind::kExternal; }

// What the server writes into the conversation at a change of status: "Started coding".
std::string_view status_sentence(RunStatus status);

// One of the team.
struct Agent {
  std::string_view name;          // "nori": in addresses and JSON
  std::string_view display_name;  // "Nori"
  Role role;
  RunStatus working_status;  // what a run of this agent is while it works
};

// miso, nori, koji, toro.
const std::array<Agent, 4>& agents();

// nullptr when there is no such agent.
const Agent* find_agent(std::string_view name);

}  // namespace omakase::model
