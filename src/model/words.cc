#include "model/words.h"

#include <span>

namespace omakase::model {

namespace {

constexpr std::string_view kSenders[] = {"user", "agent"};
constexpr std::string_view kRoles[] = {"architect", "coder", "reviewer", "tester"};
constexpr std::string_view kMessageTypes[] = {"message", "status", "error"};
constexpr std::string_view kRunStatuses[] = {"started", "thinking", "coding", "reviewing", "testing", "completed", "failed"};
constexpr std::string_view kRunKinds[] = {"external", "work_session", "chat"};
constexpr std::string_view kThreadModes[] = {"chat", "work"};
constexpr std::string_view kThreadStatuses[] = {"active", "archived"};
constexpr std::string_view kToolStatuses[] = {"running", "done", "error"};
constexpr std::string_view kPermissionModes[] = {"bypass", "ask", "acceptEdits", "plan"};
constexpr std::string_view kPermissionKinds[] = {"tool", "question", "plan"};
constexpr std::string_view kPermissionStatuses[] = {"pending", "allowed", "denied", "cancelled", "expired"};
constexpr std::string_view kPermissionScopes[] = {"once", "session", "command"};
constexpr std::string_view kLogLevels[] = {"debug", "info", "warn", "error"};
constexpr std::string_view kUserRoles[] = {"viewer", "developer", "admin"};
constexpr std::string_view kStatusSentences[] = {"Started",         "Started thinking", "Started coding", "Started reviewing",
                                                 "Started testing", "Completed",        "Failed"};

template <typename Word>
std::string_view text_of(std::span<const std::string_view> words, Word word) {
  return words[static_cast<std::size_t>(word)];
}

template <typename Word>
std::optional<Word> find(std::span<const std::string_view> words, std::string_view text) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == text) return static_cast<Word>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view word(Sender sender) { return text_of(kSenders, sender); }
std::string_view word(Role role) { return text_of(kRoles, role); }
std::string_view word(MessageType type) { return text_of(kMessageTypes, type); }
std::string_view word(RunStatus status) { return text_of(kRunStatuses, status); }
std::string_view word(RunKind kind) { return text_of(kRunKinds, kind); }
std::string_view word(ThreadMode mode) { return text_of(kThreadModes, mode); }
std::string_view word(ThreadStatus status) { return text_of(kThreadStatuses, status); }
std::string_view word(ToolStatus status) { return text_of(kToolStatuses, status); }
std::string_view word(PermissionMode mode) { return text_of(kPermissionModes, mode); }
std::string_view word(PermissionKind kind) { return text_of(kPermissionKinds, kind); }
std::string_view word(PermissionStatus status) { return text_of(kPermissionStatuses, status); }
std::string_view word(PermissionScope scope) { return text_of(kPermissionScopes, scope); }
std::string_view word(LogLevel level) { return text_of(kLogLevels, level); }
std::string_view word(UserRole role) { return text_of(kUserRoles, role); }

std::optional<Sender> parse_sender(std::string_view text) { return find<Sender>(kSenders, text); }
std::optional<Role> parse_role(std::string_view text) { return find<Role>(kRoles, text); }
std::optional<MessageType> parse_message_type(std::string_view text) { return find<MessageType>(kMessageTypes, text); }
std::optional<RunStatus> parse_run_status(std::string_view text) { return find<RunStatus>(kRunStatuses, text); }
std::optional<RunKind> parse_run_kind(std::string_view text) { return find<RunKind>(kRunKinds, text); }
std::optional<ThreadMode> parse_thread_mode(std::string_view text) { return find<ThreadMode>(kThreadModes, text); }
std::optional<ThreadStatus> parse_thread_status(std::string_view text) { return find<ThreadStatus>(kThreadStatuses, text); }
std::optional<ToolStatus> parse_tool_status(std::string_view text) { return find<ToolStatus>(kToolStatuses, text); }
std::optional<PermissionMode> parse_permission_mode(std::string_view text) {
  return find<PermissionMode>(kPermissionModes, text);
}
std::optional<PermissionKind> parse_permission_kind(std::string_view text) {
  return find<PermissionKind>(kPermissionKinds, text);
}
std::optional<PermissionStatus> parse_permission_status(std::string_view text) {
  return find<PermissionStatus>(kPermissionStatuses, text);
}
std::optional<PermissionScope> parse_permission_scope(std::string_view text) {
  return find<PermissionScope>(kPermissionScopes, text);
}

std::optional<LogLevel> parse_log_level(std::string_view text) { return find<LogLevel>(kLogLevels, text); }
std::optional<UserRole> parse_user_role(std::string_view text) { return find<UserRole>(kUserRoles, text); }

std::string_view status_sentence(RunStatus status) { return text_of(kStatusSentences, status); }

const std::array<Agent, 4>& agents() {
  static constexpr std::array<Agent, 4> kAgents{{
      {"miso", "Miso", Role::kArchitect, RunStatus::kThinking},
      {"nori", "Nori", Role::kCoder, RunStatus::kCoding},
      {"koji", "Koji", Role::kReviewer, RunStatus::kReviewing},
      {"toro", "Toro", Role::kTester, RunStatus::kTesting},
  }};
  return kAgents;
}

const Agent* find_agent(std::string_view name) {
  for (const Agent& agent : agents()) {
    if (agent.name == name) return &agent;
  }
  return nullptr;
}

}  // namespace omakase::model
