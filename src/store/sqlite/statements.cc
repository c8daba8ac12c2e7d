#include "store/sqlite/statements.h"

namespace omakase::store::sqlite {

// The columns that rows.cc reads, in its order.
// Who wrote a message, as they are called now.
#define AUTHOR(m) m "author, (SELECT name FROM users WHERE id = " m "author)"
#define MESSAGE                                                                                               \
  "m.timestamp, r.id, r.project, m.feature, m.thread, m.id, m.sender, m.role, m.type, m.delivered_at, "       \
  "m.content, m.tool_uses, m.setup, m.queued, m.edited_at, m.withdrawn_at, m.revision, m.first_run, " AUTHOR( \
      "m.") ", m.attachments"
#define ATTACHMENT "id, name, media_type, size"
#define RUN(r)                                                                                                                 \
  r ".id, " r ".kind, " r ".agent, " r ".role, " r ".project, " r ".feature, " r ".thread, " r ".status, " r ".started_at, " r \
    ".completed_at, " r ".output_summary, " r ".error_message, " r ".cost_usd, " r ".token_hash, " r ".spool_offset, " r       \
    ".permission_mode, " r ".model, " r ".input_tokens, " r ".output_tokens, " r ".cache_read_tokens, " r                      \
    ".cache_write_tokens, " r ".requests, " r ".context_tokens, " r ".context_window"
#define PROJECT(p)                                                                                                    \
  p "id, " p "name, " p "repo_url, " p "default_branch, " p "created_at, " p "archived_at, " p "sealed_git_token, " p \
    "agent_network, " p "trust_repository"
#define THREAD(t)                                                                                                 \
  t "id, " t "agent, " t "project, " t "title, " t "mode, " t "status, " t "created_at, " t "last_message_at, " t \
    "message_count, " t "agent_session, " t "permission_mode, " t "model"
#define PERMISSION                                                                                                  \
  "p.request_id, r.id, p.kind, p.tool, p.tool_use_id, p.input, p.description, p.reason, p.status, p.requested_at, " \
  "p.expires_at, p.answered_at, p.scope, p.automatic, p.message, p.answers, p.agent_request_id"
#define USER(u) u "id, " u "name, " u "role, " u "created_at, " u "deactivated_at"
#define PUSH(s) s "id, " s "user_id, " s "endpoint, " s "p256dh, " s "auth, " s "kinds, " s "browser, " s "created_at"
#define TOKEN "id, user_id, name, hash, created_at, last_used_at, expires_at"
// Whether the person ?N, when there is one, is a member of the project.
#define FOR_MEMBER(n, project) \
  " (" n " IS NULL OR EXISTS (SELECT 1 FROM members WHERE project = " project " AND user_id = " n ")) "
#define PERMISSION_RULE "id, project, tool, input, created_at"

#define RUNS_OF_THREAD "SELECT n FROM runs WHERE thread = ?1 AND completed_at IS NOT NULL"
#define LOG_LINES                                                                                                                \
  "SELECT l.n, r.id, r.agent, l.project, l.timestamp, l.level, l.source, l.message FROM log_lines l JOIN runs r ON r.n = l.run " \
  "WHERE l.project = ?1"
#define RUNS_OF_AGENT "SELECT " RUN("r") " FROM runs r WHERE r.agent = ?1"
#define TOTALS_OF_AGENT                                                                                                   \
  "SELECT count(*), count(*) FILTER (WHERE status = 'completed'), count(*) FILTER (WHERE status = 'failed'), "            \
  "sum(cost_usd), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(cache_read_tokens), 0), " \
  "coalesce(sum(cache_write_tokens), 0), coalesce(sum(requests), 0) FROM runs WHERE agent = ?1"

// A person's message that its agent has not received and that was not taken back, and its place among those.
#define WAITING "m.sender = 'user' AND m.delivered_at IS NULL AND m.withdrawn_at IS NULL"
#define PLACE "coalesce(m.position, m.timestamp)"
// ?2 and ?3 are the first and the last timestamp of the range, ?4 a sender or null, ?5 the limit.
#define MESSAGE_RANGE \
  "m.timestamp BETWEEN ?2 AND ?3 AND (?4 IS NULL OR m.sender = ?4) AND m.withdrawn_at IS NULL ORDER BY m.timestamp"
#define MESSAGES_OF_RUN "SELECT " MESSAGE " FROM runs r JOIN messages m ON m.run = r.n WHERE r.id = ?1 AND " MESSAGE_RANGE
#define MESSAGES_OF_THREAD "SELECT " MESSAGE " FROM messages m JOIN runs r ON r.n = m.run WHERE m.thread = ?1 AND " MESSAGE_RANGE
#define MESSAGES_OF_FEATURE \
  "SELECT " MESSAGE " FROM messages m JOIN runs r ON r.n = m.run WHERE m.feature = ?1 AND " MESSAGE_RANGE

#define PROJECT_SUMMARY \
  "SELECT " PROJECT("p.") ", p.last_activity_at, " RUN("r") " FROM projects p LEFT JOIN runs r ON r.n = " \
    "(SELECT n FROM runs WHERE project = p.id AND completed_at IS NULL ORDER BY kind = 'work_session' DESC, started_at DESC LIMIT 1)"
#define PROJECT_LATEST "coalesce(p.last_activity_at, p.created_at)"

#define THREAD_SUMMARY \
  "SELECT " THREAD("t.") ", r.id, r.kind, m.sender, m.type, substr(m.content, 1, 200), " AUTHOR("m.") " FROM threads t LEFT JOIN runs r ON r.n " \
    "= (SELECT n FROM runs WHERE thread = t.id AND completed_at IS NULL ORDER BY n DESC LIMIT 1) LEFT JOIN messages m ON "      \
    "m.timestamp = "                                                                                                             \
    "(SELECT timestamp FROM messages WHERE thread = t.id AND content <> '' AND withdrawn_at IS NULL ORDER BY timestamp DESC LIMIT 1)"
// ?1 is the upper bound (exclusive), ?2 the limit, ?3 whether archived ones count.
#define THREAD_LATEST "coalesce(t.last_message_at, t.created_at)"
#define THREAD_PAGE " AND " THREAD_LATEST " < ?1 AND (?3 OR t.status = 'active') ORDER BY " THREAD_LATEST " DESC LIMIT ?2"

const char* text(Sql sql) {
  switch (sql) {
    case Sql::kBegin: return "BEGIN IMMEDIATE";
    case Sql::kCommit: return "COMMIT";
    case Sql::kRollback: return "ROLLBACK";
    case Sql::kSavepoint: return "SAVEPOINT change";
    case Sql::kRollbackToSavepoint: return "ROLLBACK TO change";
    case Sql::kRelease: return "RELEASE change";

    case Sql::kHead: return "SELECT max(timestamp) FROM messages";
    case Sql::kInsertMessage:
      return "INSERT INTO messages (timestamp, run, thread, feature, id, given, sender, role, type, delivered_at, content, "
             "tool_uses, setup, queued, author, attachments) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    case Sql::kUpdateMessage:
      return "UPDATE messages SET delivered_at = coalesce(?3, delivered_at), tool_uses = coalesce(?4, tool_uses) "
             "WHERE timestamp = ?1 AND run = (SELECT n FROM runs WHERE id = ?2)";
    case Sql::kMessageAt:
      return "SELECT " MESSAGE " FROM messages m JOIN runs r ON r.n = m.run WHERE m.timestamp = ?1 AND r.id = ?2";
    case Sql::kMessageGiven:
      return "SELECT " MESSAGE " FROM messages m JOIN runs r ON r.n = m.run WHERE m.id = ?1 AND m.given = 1";
    case Sql::kMessagesOfRun: return MESSAGES_OF_RUN " ASC LIMIT ?5";
    case Sql::kLastMessagesOfRun: return MESSAGES_OF_RUN " DESC LIMIT ?5";
    case Sql::kMessagesOfThread: return MESSAGES_OF_THREAD " ASC LIMIT ?5";
    case Sql::kLastMessagesOfThread: return MESSAGES_OF_THREAD " DESC LIMIT ?5";
    case Sql::kMessagesOfFeature: return MESSAGES_OF_FEATURE " ASC LIMIT ?5";
    case Sql::kLastMessagesOfFeature: return MESSAGES_OF_FEATURE " DESC LIMIT ?5";
    case Sql::kUndelivered:
      return "SELECT " MESSAGE " FROM runs r JOIN messages m ON m.run = r.n WHERE r.id = ?1 AND " WAITING " ORDER BY " PLACE;
    case Sql::kChangedMessages:
      return "SELECT " MESSAGE
             " FROM runs r JOIN messages m ON m.run = r.n WHERE r.id = ?1 AND m.revision > 0 ORDER BY m.timestamp DESC LIMIT ?2";
    case Sql::kFindMessage:
      return "SELECT " MESSAGE
             " FROM runs r JOIN messages m ON m.run = r.n WHERE r.id = ?1 AND m.id = ?2 AND m.sender = 'user' "
             "ORDER BY m.timestamp LIMIT 1";
    case Sql::kChangeMessage:
      return "UPDATE messages SET content = ?2, queued = ?3, edited_at = ?4, withdrawn_at = ?5, revision = ?6, "
             "attachments = ?7 WHERE timestamp = ?1";
    case Sql::kWaitingPlace: return "SELECT m.timestamp, " PLACE " FROM messages m WHERE m.run = ?1 AND m.id = ?2 AND " WAITING;
    case Sql::kSetWaitingPlace: return "UPDATE messages SET position = ?2 WHERE timestamp = ?1";
    case Sql::kTakeOverWaiting:
      return "UPDATE messages AS m SET run = ?1, queued = 0, first_run = coalesce(m.first_run, (SELECT id FROM runs WHERE n = "
             "m.run)) "
             "WHERE m.run IN (SELECT n FROM runs WHERE thread = ?2 AND completed_at IS NOT NULL AND kind IN ('work_session', "
             "'chat')) AND " WAITING;
    case Sql::kThreadLostMessage: return "UPDATE threads SET message_count = message_count - 1 WHERE id = ?1";
    case Sql::kThreadActivity: return "UPDATE threads SET last_message_at = ?2, message_count = message_count + ?3 WHERE id = ?1";
    case Sql::kProjectActivity: return "UPDATE projects SET last_activity_at = ?2 WHERE id = ?1";

    case Sql::kInsertRun:
      return "INSERT INTO runs (id, kind, agent, role, project, feature, thread, status, started_at, completed_at, "
             "output_summary, error_message, cost_usd, token_hash, spool_offset, permission_mode, model) "
             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    case Sql::kUpdateRun:
      return "UPDATE runs SET status = coalesce(?2, status), completed_at = coalesce(?3, completed_at), output_summary = "
             "coalesce(?4, output_summary), error_message = coalesce(?5, error_message), cost_usd = coalesce(?6, cost_usd), "
             "permission_mode = coalesce(?7, permission_mode), model = CASE WHEN ?8 THEN ?9 ELSE model END, "
             "context_tokens = coalesce(?10, context_tokens), context_window = coalesce(?11, context_window) WHERE id = ?1";
    case Sql::kSetSpoolOffset: return "UPDATE runs SET spool_offset = ?2 WHERE id = ?1";
    case Sql::kSetAgentSession: return "UPDATE threads SET agent_session = ?2 WHERE id = ?1";
    case Sql::kSetThreadMode: return "UPDATE threads SET permission_mode = ?2 WHERE id = ?1";
    case Sql::kRunForWriting:
      return "SELECT n, completed_at IS NULL, project, feature, thread, spool_offset, agent FROM runs WHERE id = ?1";
    case Sql::kRun: return "SELECT " RUN("r") " FROM runs r WHERE r.id = ?1";
    case Sql::kRunByToken: return "SELECT " RUN("r") " FROM runs r WHERE r.token_hash = ?1";
    case Sql::kActiveSession:
      return "SELECT " RUN("r") " FROM runs r WHERE r.project = ?1 AND r.kind = 'work_session' AND r.completed_at IS NULL";
    case Sql::kActiveRunOfThread:
      return "SELECT " RUN("r") " FROM runs r WHERE r.thread = ?1 AND r.completed_at IS NULL ORDER BY r.n DESC LIMIT 1";
    case Sql::kActiveRuns: return "SELECT " RUN("r") " FROM runs r WHERE r.kind = ?1 AND r.completed_at IS NULL ORDER BY r.n";
    case Sql::kActiveRunsOfProject:
      return "SELECT " RUN("r") " FROM runs r WHERE r.project = ?1 AND r.completed_at IS NULL "
             "ORDER BY r.kind = 'work_session' DESC, r.started_at DESC LIMIT ?2";
    case Sql::kRunsOfProject:
      return "SELECT " RUN("r") " FROM runs r WHERE r.project = ?1 AND r.started_at < ?2 ORDER BY r.started_at DESC LIMIT ?3";
    case Sql::kRunsOfAgent:
      return RUNS_OF_AGENT " AND r.started_at < ?2 AND" FOR_MEMBER("?4", "r.project") "ORDER BY r.started_at DESC LIMIT ?3";
    case Sql::kRunsOfAgentInProject:
      return RUNS_OF_AGENT
          " AND r.project = ?4 AND r.started_at < ?2 AND" FOR_MEMBER("?5", "r.project") "ORDER BY r.started_at DESC LIMIT ?3";
    case Sql::kTotalsOfAgent: return TOTALS_OF_AGENT " AND" FOR_MEMBER("?2", "runs.project");
    case Sql::kTotalsOfAgentInProject: return TOTALS_OF_AGENT " AND project = ?2 AND" FOR_MEMBER("?3", "runs.project");
    case Sql::kInsertModelCall:
      return "INSERT INTO model_calls (run, id, model, status, input_tokens, output_tokens, cache_read_tokens, "
             "cache_write_tokens, started_at, ended_at, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
             "ON CONFLICT (run, id) DO NOTHING";
    case Sql::kAddUsage:
      return "UPDATE runs SET input_tokens = input_tokens + ?2, output_tokens = output_tokens + ?3, cache_read_tokens = "
             "cache_read_tokens + ?4, cache_write_tokens = cache_write_tokens + ?5, requests = requests + ?6 WHERE n = ?1";

    case Sql::kInsertLogLine:
      return "INSERT INTO log_lines (run, project, timestamp, level, source, message) VALUES (?, ?, ?, ?, ?, ?)";
    case Sql::kCutLog:
      return "DELETE FROM log_lines WHERE project = ?1 AND n <= "
             "(SELECT n FROM log_lines WHERE project = ?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)";
    case Sql::kLogLinesAfter: return LOG_LINES " AND l.n > ?2 ORDER BY l.n ASC";
    case Sql::kLogLinesBefore: return LOG_LINES " AND l.n < ?2 ORDER BY l.n DESC";

    case Sql::kThreadsToSearch:
      return "SELECT " THREAD("t.") ", " THREAD_LATEST " FROM threads t WHERE t.project = ?1 AND " THREAD_LATEST
                                    " <= ?2 ORDER BY " THREAD_LATEST " DESC";
    case Sql::kMessagesToSearch:
      return "SELECT timestamp, id, sender, type, content, author FROM messages WHERE thread = ?1 AND timestamp < ?2 AND "
             "withdrawn_at IS "
             "NULL AND type <> 'status' AND content <> '' ORDER BY timestamp DESC";

    case Sql::kInsertAttachment:
      return "INSERT INTO attachments (id, project, name, media_type, size, created_at, content) VALUES (?, ?, ?, ?, ?, ?, ?)";
    case Sql::kAttachment: return "SELECT " ATTACHMENT ", project, thread FROM attachments WHERE id = ?1";
    case Sql::kAttachedFile: return "SELECT " ATTACHMENT ", content FROM attachments WHERE id = ?1";
    case Sql::kAttach:
      return "UPDATE attachments SET message = ?2, thread = ?3 WHERE id = ?1 AND project = ?4 AND message IS NULL";
    case Sql::kDetach: return "UPDATE attachments SET message = NULL, created_at = ?2 WHERE message = ?1";
    case Sql::kDeleteAttachmentsOfThread: return "DELETE FROM attachments WHERE thread = ?1";
    case Sql::kDeleteUnusedAttachments: return "DELETE FROM attachments WHERE message IS NULL AND created_at < ?1";
    case Sql::kNameOfUser: return "SELECT name FROM users WHERE id = ?1";

    case Sql::kWebhook:
      return "SELECT url, kinds, sealed_secret, created_at, last_at, last_delivered, last_detail FROM webhooks WHERE project = "
             "?1";
    case Sql::kSetWebhook:
      return "INSERT INTO webhooks (project, url, kinds, sealed_secret, created_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT "
             "(project) DO UPDATE SET url = excluded.url, kinds = excluded.kinds, sealed_secret = excluded.sealed_secret";
    case Sql::kDeleteWebhook: return "DELETE FROM webhooks WHERE project = ?1";
    case Sql::kSetWebhookDelivery:
      return "UPDATE webhooks SET last_at = ?2, last_delivered = ?3, last_detail = ?4 WHERE project = ?1";

    case Sql::kPushKey: return "SELECT sealed_key FROM push_keys WHERE n = 1";
    case Sql::kInsertPushKey: return "INSERT INTO push_keys (n, sealed_key) VALUES (1, ?1) ON CONFLICT (n) DO NOTHING";
    case Sql::kCountPushSubscriptions: return "SELECT count(*) FROM push_subscriptions WHERE user_id = ?1 AND endpoint <> ?2";
    case Sql::kInsertPushSubscription:
      return "INSERT INTO push_subscriptions (id, user_id, endpoint, p256dh, auth, kinds, browser, created_at) VALUES (?, ?, ?, "
             "?, "
             "?, ?, ?, ?) ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id, p256dh = excluded.p256dh, auth = "
             "excluded.auth, kinds = excluded.kinds, browser = excluded.browser RETURNING " PUSH("");
    case Sql::kPushSubscriptions: return "SELECT " PUSH("s.") " FROM push_subscriptions s WHERE s.user_id = ?1 ORDER BY s.n";
    case Sql::kPushSubscriptionsForProject:
      return "SELECT " PUSH("s.") " FROM push_subscriptions s JOIN users u ON u.id = s.user_id WHERE s.n > ?1 AND "
             "u.deactivated_at IS NULL AND (?3 OR u.role <> 'viewer') AND (u.role = 'admin' OR EXISTS (SELECT 1 FROM members WHERE "
             "project = ?2 AND user_id = u.id)) ORDER BY s.n";
    case Sql::kDeletePushSubscription: return "DELETE FROM push_subscriptions WHERE id = ?1 AND user_id = ?2";
    case Sql::kDeletePushSubscriptionsOfUser: return "DELETE FROM push_subscriptions WHERE user_id = ?1";

    case Sql::kEndedRunsOfThread: return "SELECT " RUN("r") " FROM runs r WHERE r.thread = ?1 AND r.completed_at IS NOT NULL";
    case Sql::kDeleteMessagesOfThread: return "DELETE FROM messages WHERE thread = ?1";
    case Sql::kDeletePermissionsOfThread: return "DELETE FROM permissions WHERE run IN (" RUNS_OF_THREAD ")";
    case Sql::kDeleteLogOfThread: return "DELETE FROM log_lines WHERE run IN (" RUNS_OF_THREAD ")";
    case Sql::kDeleteReadMarksOfThread: return "DELETE FROM read_marks WHERE thread = ?1";
    case Sql::kForgetRunsOfThread:
      return "UPDATE runs SET thread = NULL, output_summary = NULL, error_message = NULL WHERE thread = ?1 AND completed_at IS "
             "NOT NULL";
    case Sql::kDeleteThread: return "DELETE FROM threads WHERE id = ?1";

    case Sql::kInsertPermission:
      return "INSERT INTO permissions (run, request_id, kind, tool, tool_use_id, input, description, reason, status, "
             "requested_at, expires_at, answered_at, scope, automatic, message, answers, agent_request_id) "
             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, request_id) DO NOTHING";
    case Sql::kResolvePermission:
      return "UPDATE permissions SET status = ?3, answered_at = ?4, scope = ?5, automatic = ?6, message = ?7, answers = ?8 "
             "WHERE run = ?1 AND request_id = ?2 AND status = 'pending'";
    case Sql::kEndSessionConsents: return "UPDATE permissions SET scope = 'once' WHERE run = ?1 AND scope = 'session'";
    case Sql::kPermission:
      return "SELECT " PERMISSION " FROM runs r JOIN permissions p ON p.run = r.n WHERE r.id = ?1 AND p.request_id = ?2";
    case Sql::kPermissions:
      return "SELECT " PERMISSION " FROM runs r JOIN permissions p ON p.run = r.n WHERE r.id = ?1 ORDER BY p.n";
    case Sql::kPendingPermissions:
      return "SELECT " PERMISSION
             " FROM runs r JOIN permissions p ON p.run = r.n WHERE r.id = ?1 AND p.status = 'pending' ORDER BY p.n";

    case Sql::kInsertProject:
      return "INSERT INTO projects (id, name, repo_url, default_branch, created_at, archived_at, sealed_git_token, "
             "agent_network, trust_repository) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
    case Sql::kUpdateProject:
      return "UPDATE projects SET name = coalesce(?2, name), repo_url = CASE WHEN ?3 THEN ?4 ELSE repo_url END, "
             "default_branch = CASE WHEN ?5 THEN ?6 ELSE default_branch END, archived_at = CASE WHEN ?7 IS NULL THEN "
             "archived_at WHEN ?7 THEN coalesce(archived_at, ?8) END, sealed_git_token = CASE WHEN ?9 THEN ?10 ELSE "
             "sealed_git_token END, agent_network = CASE WHEN ?11 THEN ?12 ELSE agent_network END, trust_repository = "
             "coalesce(?13, trust_repository) WHERE id = ?1 RETURNING " PROJECT("");
    case Sql::kProject: return PROJECT_SUMMARY " WHERE p.id = ?1";
    case Sql::kOpenProjects:
      return PROJECT_SUMMARY " WHERE p.archived_at IS NULL AND " PROJECT_LATEST
                             " < ?1 AND" FOR_MEMBER("?3", "p.id") "ORDER BY " PROJECT_LATEST " DESC LIMIT ?2";
    case Sql::kAllProjects:
      return PROJECT_SUMMARY " WHERE " PROJECT_LATEST " < ?1 AND" FOR_MEMBER("?3", "p.id") "ORDER BY " PROJECT_LATEST
                                                                                           " DESC LIMIT ?2";
    case Sql::kSealedGitToken: return "SELECT sealed_git_token FROM projects WHERE id = ?1";
    case Sql::kVariables: return "SELECT name, sealed_value, updated_at FROM variables WHERE project = ?1 ORDER BY name";
    case Sql::kCountOtherVariables: return "SELECT count(*) FROM variables WHERE project = ?1 AND name <> ?2";
    case Sql::kSetVariable:
      return "INSERT INTO variables (project, name, sealed_value, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (project, name) DO "
             "UPDATE SET sealed_value = excluded.sealed_value, updated_at = excluded.updated_at";
    case Sql::kDeleteVariable: return "DELETE FROM variables WHERE project = ?1 AND name = ?2";
    case Sql::kInsertPermissionRule:
      return "INSERT INTO permission_rules (id, project, tool, input, input_digest, created_at) VALUES (?, ?, ?, ?, ?, ?) "
             "ON CONFLICT DO NOTHING";
    case Sql::kPermissionRule: return "SELECT " PERMISSION_RULE " FROM permission_rules WHERE project = ?1 AND input_digest = ?2";
    case Sql::kPermissionRules: return "SELECT " PERMISSION_RULE " FROM permission_rules WHERE project = ?1 ORDER BY n DESC";
    case Sql::kDeletePermissionRule: return "DELETE FROM permission_rules WHERE id = ?1 AND project = ?2";
    case Sql::kAgentModel: return "SELECT model FROM agent_settings WHERE agent = ?1";
    case Sql::kSetAgentModel:
      return "INSERT INTO agent_settings (agent, model) VALUES (?1, ?2) ON CONFLICT (agent) DO UPDATE SET model = excluded.model";
    case Sql::kPersonality: return "SELECT content FROM personalities WHERE agent = ?1";
    case Sql::kSetPersonality:
      return "INSERT INTO personalities (agent, content) VALUES (?1, ?2) ON CONFLICT (agent) DO UPDATE SET content = "
             "excluded.content";
    case Sql::kDeletePersonality: return "DELETE FROM personalities WHERE agent = ?1";
    case Sql::kInsertThread:
      return "INSERT INTO threads (id, agent, project, title, mode, status, created_at, last_message_at, message_count, "
             "agent_session, permission_mode, model) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
    case Sql::kUpdateThread:
      return "UPDATE threads SET title = coalesce(?2, title), status = coalesce(?3, status), mode = coalesce(?4, mode), "
             "permission_mode = coalesce(?5, permission_mode), model = CASE WHEN ?6 THEN ?7 ELSE model END WHERE id = ?1 "
             "RETURNING " THREAD("");
    case Sql::kThread: return THREAD_SUMMARY " WHERE t.id = ?1";
    case Sql::kThreadsOfProject: return THREAD_SUMMARY " WHERE t.project = ?4 AND" FOR_MEMBER("?5", "t.project") THREAD_PAGE;
    case Sql::kThreadsOfAgent: return THREAD_SUMMARY " WHERE t.agent = ?4 AND" FOR_MEMBER("?5", "t.project") THREAD_PAGE;
    case Sql::kThreadsOfProjectAndAgent:
      return THREAD_SUMMARY " WHERE t.project = ?4 AND t.agent = ?5 AND" FOR_MEMBER("?6", "t.project") THREAD_PAGE;
    case Sql::kMarkRead:
      return "INSERT INTO read_marks (user, thread, read_at) VALUES (?1, ?2, ?3) ON CONFLICT (user, thread) DO UPDATE SET "
             "read_at = max(read_at, excluded.read_at)";
    case Sql::kThreadsToRead:
      return "SELECT t.id, t.agent, coalesce(r.read_at, 0) FROM threads t LEFT JOIN read_marks r ON r.user = ?2 AND r.thread = "
             "t.id WHERE t.project = ?1 AND t.status = 'active' AND t.last_message_at > coalesce(r.read_at, 0) ORDER "
             "BY " THREAD_LATEST " DESC LIMIT ?3";
    case Sql::kNewsOfThread:
      return "SELECT 1 FROM messages WHERE thread = ?1 AND timestamp > ?2 AND sender = 'agent' AND type <> 'status' AND content "
             "<> '' LIMIT ?3";
    case Sql::kInsertMemory:
      return "INSERT INTO memories (id, agent, project, content, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
    case Sql::kMemories:
      return "SELECT id, agent, project, content, created_at FROM memories WHERE agent = ?1 AND project = ?2 ORDER BY n";
    case Sql::kMemory: return "SELECT id, agent, project, content, created_at FROM memories WHERE id = ?1 AND agent = ?2";
    case Sql::kDeleteMemory: return "DELETE FROM memories WHERE id = ?1 AND agent = ?2";

    case Sql::kInsertUser: return "INSERT INTO users (id, name, role, created_at, deactivated_at) VALUES (?, ?, ?, ?, ?)";
    case Sql::kUser: return "SELECT " USER("") " FROM users WHERE id = ?1";
    case Sql::kUserNamed: return "SELECT " USER("") " FROM users WHERE name = ?1 COLLATE NOCASE AND deactivated_at IS NULL";
    case Sql::kUsers: return "SELECT " USER("") " FROM users WHERE created_at > ?1 ORDER BY created_at LIMIT ?2";
    case Sql::kUpdateUser:
      return "UPDATE users SET name = coalesce(?2, name), role = coalesce(?3, role) WHERE id = ?1 RETURNING " USER("");
    case Sql::kSetUserActive:
      return "UPDATE users SET deactivated_at = CASE WHEN ?2 THEN NULL ELSE coalesce(deactivated_at, ?3) END WHERE id = ?1 "
             "RETURNING " USER("");
    case Sql::kInsertLoginCode: return "INSERT INTO login_codes (code_hash, user_id, expires_at) VALUES (?, ?, ?)";
    case Sql::kTakeLoginCode: return "DELETE FROM login_codes WHERE code_hash = ?1 RETURNING expires_at, user_id";
    case Sql::kDeleteExpiredLoginCodes: return "DELETE FROM login_codes WHERE expires_at <= ?1";
    case Sql::kDeleteLoginCodesOfUser: return "DELETE FROM login_codes WHERE user_id = ?1";
    case Sql::kInsertLogin: return "INSERT INTO logins (token_hash, user_id, expires_at) VALUES (?, ?, ?)";
    case Sql::kLogin:
      return "SELECT u.id, u.name, u.role, l.expires_at, NULL FROM logins l JOIN users u ON u.id = l.user_id "
             "WHERE l.token_hash = ?1 AND l.expires_at > ?2 AND u.deactivated_at IS NULL";
    case Sql::kDeleteLogin: return "DELETE FROM logins WHERE token_hash = ?1";
    case Sql::kDeleteLoginsOfUser: return "DELETE FROM logins WHERE user_id = ?1";
    case Sql::kDeleteExpiredLogins: return "DELETE FROM logins WHERE expires_at <= ?1";
    case Sql::kCountTokens: return "SELECT count(*) FROM user_tokens WHERE user_id = ?1";
    case Sql::kInsertToken: return "INSERT INTO user_tokens (" TOKEN ") VALUES (?, ?, ?, ?, ?, ?, ?)";
    case Sql::kTokens: return "SELECT " TOKEN " FROM user_tokens WHERE user_id = ?1 ORDER BY n DESC";
    case Sql::kToken:
      return "SELECT u.id, u.name, u.role, t.expires_at, t.id FROM user_tokens t JOIN users u ON u.id = t.user_id "
             "WHERE t.hash = ?1 AND (t.expires_at IS NULL OR t.expires_at > ?2) AND u.deactivated_at IS NULL";
    case Sql::kSetTokenUsed: return "UPDATE user_tokens SET last_used_at = ?2 WHERE id = ?1";
    case Sql::kDeleteToken: return "DELETE FROM user_tokens WHERE id = ?1 AND user_id = ?2 RETURNING " TOKEN;
    case Sql::kDeleteTokensOfUser: return "DELETE FROM user_tokens WHERE user_id = ?1";
    case Sql::kInsertMember: return "INSERT INTO members (project, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING";
    case Sql::kMarkProjectRead:
      return "INSERT INTO read_marks (user, thread, read_at) SELECT ?2, id, last_message_at FROM threads "
             "WHERE project = ?1 AND last_message_at IS NOT NULL ON CONFLICT DO NOTHING";
    case Sql::kDeleteMember: return "DELETE FROM members WHERE project = ?1 AND user_id = ?2";
    case Sql::kMembers:
      return "SELECT " USER("u.") " FROM members m JOIN users u ON u.id = m.user_id "
             "WHERE m.project = ?1 AND u.deactivated_at IS NULL ORDER BY m.user_id";
    case Sql::kProjectsOfUser: return "SELECT project FROM members WHERE user_id = ?1";
  }
  return "";
}

}  // namespace omakase::store::sqlite
