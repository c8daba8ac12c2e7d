#include "model/run.h"

namespace omakase::model {

namespace {

json::value text_or_null(const std::optional<std::string>& text) { return text ? json::value(*text) : json::value(nullptr); }

json::value time_or_null(const std::optional<Timestamp>& time) {
  return time ? json::value(base::format(*time)) : json::value(nullptr);
}

}  // namespace

json::object to_json(const Run& run, const RunPresence& presence) {
  json::object object{{"id", run.id}, {"agentName", run.agent_name}, {"role", word(run.role)}, {"projectId", run.project_id}};
  if (run.feature_id) object["featureId"] = *run.feature_id;
  if (run.thread_id) object["threadId"] = *run.thread_id;
  object["status"] = word(run.status);
  object["busy"] = presence.busy && is_active(run.status);
  object["attention"] = text_or_null(presence.attention);
  object["external"] = run.kind == RunKind::kExternal;
  object["startedAt"] = base::format(run.started_at);
  if (run.completed_at) object["completedAt"] = base::format(*run.completed_at);
  if (run.output_summary) object["outputSummary"] = *run.output_summary;
  if (run.error_message) object["errorMessage"] = *run.error_message;
  if (run.cost_usd) object["costUsd"] = *run.cost_usd;
  return object;
}

json::object to_json(const Thread& thread) {
  return {{"threadId", thread.id},
          {"agentName", thread.agent_name},
          {"projectId", thread.project_id},
          {"title", thread.title},
          {"mode", word(thread.mode)},
          {"status", word(thread.status)},
          {"createdAt", base::format(thread.created_at)},
          {"lastMessageAt", time_or_null(thread.last_message_at)},
          {"messageCount", thread.message_count},
          {"permissionMode", word(thread.permission_mode)},
          {"model", text_or_null(thread.model)}};
}

json::object to_json(const Project& project) {
  return {{"id", project.id},
          {"name", project.name},
          {"repoUrl", text_or_null(project.repo_url)},
          {"defaultBranch", text_or_null(project.default_branch)},
          {"createdAt", base::format(project.created_at)},
          {"archivedAt", time_or_null(project.archived_at)},
          {"hasGitToken", project.has_git_token},
          {"agentNetwork", text_or_null(project.agent_network)},
          {"trustRepository", project.trust_repository}};
}

json::object to_json(const Memory& memory) {
  return {{"id", memory.id},
          {"agentName", memory.agent_name},
          {"projectId", memory.project_id},
          {"content", memory.content},
          {"createdAt", base::format(memory.created_at)}};
}

json::object to_json(const Usage& usage) {
  return {{"inputTokens", usage.input_tokens},
          {"outputTokens", usage.output_tokens},
          {"cacheReadTokens", usage.cache_read_tokens},
          {"cacheWriteTokens", usage.cache_write_tokens},
          {"requests", usage.requests}};
}

json::object to_json(const RunTotals& totals) {
  return {{"runs", totals.runs},
          {"completed", totals.completed},
          {"failed", totals.failed},
          {"costUsd", totals.cost_usd ? json::value(*totals.cost_usd) : json::value(nullptr)},
          {"usage", to_json(totals.usage)}};
}

json::object to_json(const Variable& variable) {
  return {{"name", variable.name}, {"updatedAt", base::format(variable.updated_at)}};
}

json::object to_json(const PermissionRule& rule) {
  return {{"id", rule.id}, {"tool", rule.tool}, {"input", rule.input}, {"createdAt", base::format(rule.created_at)}};
}

}  // namespace omakase::model
