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

// The script at index v leads from version v to v + 1, and sets user_version itself.
constexpr const char* kMigrations[] = {kVersion1};

Result<void> refuse(std::string code, std::string detail) {
  return base::fail(base::ErrorKind::kUnavailable, std::move(code), std::move(detail));
}

}  // namespace

int schema_version() { return static_cast<int>(std::size(kMigrations)); }

Result<void> migrate(Connection& connection) {
  OMAKASE_TRY(const std::int64_t version, connection.number("PRAGMA user_version"));
  OMAKASE_TRY(const std::int64_t application, connection.number("PRAGMA application_id"));
  OMAKASE_TRY(const std::int64_t tables, connection.number("SELECT count(*) FROM sqlite_schema"));
  const bool fresh = version == 0 && application == 0 && tables == 0;
  if (!fresh && application != kApplicationId) return refuse("store_corrupt", "It is not a database of Omakase.");
  if (version > schema_version()) {
    return refuse("schema_too_new", "It was written by a newer Omakase (schema " + std::to_string(version) +
                                        ", this program knows " + std::to_string(schema_version()) + "); start that one.");
  }
  OMAKASE_CHECK(connection.run_script("PRAGMA journal_mode = WAL"));
  for (auto at = static_cast<std::size_t>(version); at < std::size(kMigrations); ++at) {
    OMAKASE_CHECK(connection.run_script("BEGIN IMMEDIATE"));
    OMAKASE_CHECK(connection.run_script(kMigrations[at]));
    OMAKASE_CHECK(connection.run_script("COMMIT"));
  }
  return {};
}

}  // namespace omakase::store::sqlite
