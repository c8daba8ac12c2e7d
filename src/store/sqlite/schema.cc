#include "store/sqlite/schema.h"

#include <iterator>
#include <string>

namespace omakase::store::sqlite {

namespace {

// "Omak" in ASCII: what `file` and we know the database by.
constexpr std::int64_t kApplicationId = 0x4f6d616b;

// A message's timestamp is its rowid, so the table only grows at its end; the indexes hold it too, in time order.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  repo_url TEXT,
  default_branch TEXT,
  created_at INTEGER NOT NULL,
  archived_at INTEGER,
  last_activity_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX projects_latest ON projects (coalesce(last_activity_at, created_at));
CREATE INDEX projects_open_latest ON projects (coalesce(last_activity_at, created_at)) WHERE archived_at IS NULL;

CREATE TABLE threads (
  id TEXT PRIMARY KEY,
  agent TEXT NOT NULL,
  project TEXT NOT NULL,
  title TEXT NOT NULL,
  mode TEXT NOT NULL,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_message_at INTEGER,
  message_count INTEGER NOT NULL,
  agent_session TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX threads_of_project ON threads (project, coalesce(last_message_at, created_at));
CREATE INDEX threads_of_agent ON threads (agent, coalesce(last_message_at, created_at));
CREATE INDEX threads_of_project_and_agent ON threads (project, agent, coalesce(last_message_at, created_at));

CREATE TABLE runs (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  agent TEXT NOT NULL,
  role TEXT NOT NULL,
  project TEXT NOT NULL,
  feature TEXT,
  thread TEXT,
  status TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  completed_at INTEGER,
  output_summary TEXT,
  error_message TEXT,
  cost_usd REAL,
  token_hash TEXT,
  spool_offset INTEGER NOT NULL,
  CHECK ((completed_at IS NULL) = (status NOT IN ('completed', 'failed')))
) STRICT;
CREATE UNIQUE INDEX one_active_session_of_project ON runs (project) WHERE kind = 'work_session' AND completed_at IS NULL;
CREATE UNIQUE INDEX runs_by_token ON runs (token_hash) WHERE token_hash IS NOT NULL;
CREATE INDEX runs_of_project ON runs (project, started_at);
CREATE INDEX active_runs_of_project ON runs (project, kind, started_at) WHERE completed_at IS NULL;
CREATE INDEX active_runs_of_thread ON runs (thread) WHERE completed_at IS NULL;
CREATE INDEX active_runs_of_kind ON runs (kind) WHERE completed_at IS NULL;

CREATE TABLE messages (
  timestamp INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  thread TEXT,
  feature TEXT,
  id TEXT NOT NULL,
  given INTEGER NOT NULL,
  sender TEXT NOT NULL,
  role TEXT,
  type TEXT NOT NULL,
  delivered_at INTEGER,
  content TEXT NOT NULL,
  tool_uses TEXT,
  setup TEXT
) STRICT;
CREATE INDEX messages_of_run ON messages (run);
CREATE INDEX messages_of_thread ON messages (thread) WHERE thread IS NOT NULL;
CREATE INDEX messages_of_feature ON messages (feature) WHERE feature IS NOT NULL;
CREATE INDEX undelivered_messages_of_run ON messages (run) WHERE sender = 'user' AND delivered_at IS NULL;
CREATE UNIQUE INDEX messages_by_given_id ON messages (id) WHERE given = 1;

CREATE TABLE memories (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  agent TEXT NOT NULL,
  project TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX memories_of_agent ON memories (agent, project);

CREATE TABLE login_codes (code_hash TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX login_codes_by_expiry ON login_codes (expires_at);
CREATE TABLE logins (token_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX logins_by_expiry ON logins (expires_at);

PRAGMA application_id = 0x4f6d616b;
PRAGMA user_version = 1;
)sql";

// A person may change, take back and order what waits; consents; what a session costs; settings of projects, threads and agents.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE messages ADD COLUMN queued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN edited_at INTEGER;
ALTER TABLE messages ADD COLUMN withdrawn_at INTEGER;
ALTER TABLE messages ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN position INTEGER; -- among those that wait; null: its timestamp
DROP INDEX undelivered_messages_of_run;
CREATE INDEX waiting_messages_of_run ON messages (run, coalesce(position, timestamp))
  WHERE sender = 'user' AND delivered_at IS NULL AND withdrawn_at IS NULL;
CREATE INDEX changed_messages_of_run ON messages (run) WHERE revision > 0;
CREATE INDEX persons_messages_of_run ON messages (run, id) WHERE sender = 'user';

ALTER TABLE runs ADD COLUMN permission_mode TEXT NOT NULL DEFAULT 'bypass';
ALTER TABLE runs ADD COLUMN model TEXT;
ALTER TABLE runs ADD COLUMN input_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN output_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN cache_read_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN cache_write_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN context_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN context_window INTEGER NOT NULL DEFAULT 0;
DROP INDEX active_runs_of_project;
CREATE INDEX active_runs_of_project ON runs (project, kind = 'work_session', started_at) WHERE completed_at IS NULL;

ALTER TABLE threads ADD COLUMN permission_mode TEXT NOT NULL DEFAULT 'bypass';
ALTER TABLE threads ADD COLUMN model TEXT;

ALTER TABLE projects ADD COLUMN sealed_git_token TEXT;
ALTER TABLE projects ADD COLUMN agent_network TEXT;
ALTER TABLE projects ADD COLUMN trust_repository INTEGER NOT NULL DEFAULT 0;

CREATE TABLE permissions (
  n INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  tool TEXT NOT NULL,
  tool_use_id TEXT NOT NULL,
  input TEXT NOT NULL,
  description TEXT,
  reason TEXT,
  status TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  answered_at INTEGER,
  scope TEXT,
  automatic INTEGER NOT NULL,
  message TEXT,
  answers TEXT,
  agent_request_id TEXT NOT NULL,
  UNIQUE (run, request_id)
) STRICT;
CREATE INDEX permissions_of_run ON permissions (run);
CREATE INDEX pending_permissions_of_run ON permissions (run) WHERE status = 'pending';

CREATE TABLE model_calls (
  run INTEGER NOT NULL,
  id TEXT NOT NULL,
  model TEXT NOT NULL,
  status INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE variables (
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  sealed_value TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (project, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE permission_rules (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL,
  tool TEXT NOT NULL,
  input TEXT NOT NULL,
  input_digest TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (project, input_digest)
) STRICT;
CREATE INDEX permission_rules_of_project ON permission_rules (project);

CREATE TABLE agent_settings (agent TEXT PRIMARY KEY, model TEXT) STRICT, WITHOUT ROWID;

PRAGMA user_version = 2;
)sql";

// What an ended session left unread goes to the thread's next one.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE messages ADD COLUMN first_run TEXT; -- of a message that another run took over
CREATE INDEX ended_runs_of_thread ON runs (thread) WHERE completed_at IS NOT NULL;

PRAGMA user_version = 3;
)sql";

// What runs did, line by line. A line's number is never used again, also when the newest lines were deleted.
constexpr const char* kVersion4 = R"sql(
CREATE TABLE log_lines (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL,
  project TEXT NOT NULL,
  timestamp INTEGER NOT NULL,
  level TEXT NOT NULL,
  source TEXT,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX log_lines_of_project ON log_lines (project);

PRAGMA user_version = 4;
)sql";

// What each person has read. Before it was kept, everything was.
constexpr const char* kVersion5 = R"sql(
CREATE TABLE read_marks (
  user TEXT NOT NULL,
  thread TEXT NOT NULL,
  read_at INTEGER NOT NULL,
  PRIMARY KEY (user, thread)
) STRICT, WITHOUT ROWID;
INSERT INTO read_marks SELECT 'admin', id, last_message_at FROM threads WHERE last_message_at IS NOT NULL;
CREATE INDEX news_of_thread ON messages (thread)
  WHERE thread IS NOT NULL AND sender = 'agent' AND type <> 'status' AND content <> '';

PRAGMA user_version = 5;
)sql";

// A thread can be taken away for good.
constexpr const char* kVersion6 = R"sql(
CREATE INDEX log_lines_of_run ON log_lines (run);
CREATE INDEX read_marks_of_thread ON read_marks (thread);

PRAGMA user_version = 6;
)sql";

// A personality that a person wrote, and what an agent's page lists and adds up.
constexpr const char* kVersion7 = R"sql(
CREATE TABLE personalities (agent TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
CREATE INDEX runs_of_agent ON runs (agent, started_at);
CREATE INDEX runs_of_agent_in_project ON runs (agent, project, started_at);

PRAGMA user_version = 7;
)sql";

// People with roles, members of projects, tokens. Until now there was one administrator, whoever logged in.
constexpr const char* kVersion8 = R"sql(
CREATE TABLE users (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deactivated_at INTEGER
) STRICT;
CREATE INDEX users_by_creation ON users (created_at);
CREATE UNIQUE INDEX active_users_by_name ON users (name COLLATE NOCASE) WHERE deactivated_at IS NULL;
INSERT INTO users (id, name, role, created_at) VALUES ('admin', 'Administrator', 'admin', unixepoch() * 1000000);

ALTER TABLE login_codes ADD COLUMN user_id TEXT NOT NULL DEFAULT 'admin';
CREATE INDEX login_codes_of_user ON login_codes (user_id);
UPDATE logins SET user_id = 'admin';
CREATE INDEX logins_of_user ON logins (user_id);

CREATE TABLE user_tokens (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER,
  expires_at INTEGER
) STRICT;
CREATE INDEX tokens_of_user ON user_tokens (user_id);

CREATE TABLE members (project TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (project, user_id)) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id);

PRAGMA user_version = 8;
)sql";

// Who wrote a message, and the files that are given with it.
constexpr const char* kVersion9 = R"sql(
ALTER TABLE messages ADD COLUMN author TEXT;
ALTER TABLE messages ADD COLUMN attachments TEXT;
CREATE TABLE attachments (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  message INTEGER,
  thread TEXT,
  content BLOB NOT NULL
) STRICT;
CREATE INDEX attachments_of_message ON attachments (message) WHERE message IS NOT NULL;
CREATE INDEX attachments_of_thread ON attachments (thread) WHERE thread IS NOT NULL;
CREATE INDEX attachments_of_no_message ON attachments (created_at) WHERE message IS NULL;

PRAGMA user_version = 9;
)sql";

// Where a project's news is sent to.
constexpr const char* kVersion10 = R"sql(
CREATE TABLE webhooks (
  project TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  kinds TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_at INTEGER,
  last_delivered INTEGER,
  last_detail TEXT
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 10;
)sql";

// Browsers that are told through their push services, and the key that asks for it.
constexpr const char* kVersion11 = R"sql(
CREATE TABLE push_keys (n INTEGER PRIMARY KEY CHECK (n = 1), sealed_key TEXT NOT NULL) STRICT;
CREATE TABLE push_subscriptions (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  endpoint TEXT NOT NULL UNIQUE,
  p256dh TEXT NOT NULL,
  auth TEXT NOT NULL,
  kinds TEXT NOT NULL,
  browser TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX push_subscriptions_of_user ON push_subscriptions (user_id);

PRAGMA user_version = 11;
)sql";

// The script at index v leads from version v to v + 1, and sets user_version itself.
constexpr const char* kMigrations[] = {kVersion1, kVersion2, kVersion3, kVersion4,  kVersion5, kVersion6,
                                       kVersion7, kVersion8, kVersion9, kVersion10, kVersion11};

base::Failure refuse(std::string code, std::string detail) {
  return base::fail(base::ErrorKind::kUnavailable, std::move(code), std::move(detail));
}

}  // namespace

int schema_version() { return static_cast<int>(std::size(kMigrations)); }

Result<std::int64_t> known_version(Connection& connection) {
  OMAKASE_TRY(const std::int64_t version, connection.number("PRAGMA user_version"));
  OMAKASE_TRY(const std::int64_t application, connection.number("PRAGMA application_id"));
  OMAKASE_TRY(const std::int64_t tables, connection.number("SELECT count(*) FROM sqlite_schema"));
  const bool fresh = version == 0 && application == 0 && tables == 0;
  if (!fresh && application != kApplicationId) return refuse("store_corrupt", "It is not a database of Omakase.");
  if (version > schema_version()) {
    return refuse("schema_too_new", "It was written by a newer Omakase (schema " + std::to_string(version) +
                                        ", this program knows " + std::to_string(schema_version()) + "); start that one.");
  }
  return version;
}

Result<void> migrate(Connection& connection) {
  OMAKASE_TRY(const std::int64_t version, known_version(connection));
  OMAKASE_CHECK(connection.run_script("PRAGMA journal_mode = WAL"));
  for (auto at = static_cast<std::size_t>(version); at < std::size(kMigrations); ++at) {
    OMAKASE_CHECK(connection.run_script("BEGIN IMMEDIATE"));
    OMAKASE_CHECK(connection.run_script(kMigrations[at]));
    OMAKASE_CHECK(connection.run_script("COMMIT"));
  }
  return {};
}

}  // namespace omakase::store::sqlite
