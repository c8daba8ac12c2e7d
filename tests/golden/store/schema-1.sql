-- A database as the program with schema 1 left it: its tables and some data. A test brings it up to date
-- (src/store/sqlite/migration_test.cc). It stays as it is when the schema goes on.
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

INSERT INTO projects VALUES ('project', 'Shop', 'https://example.com/shop.git', 'main', 1000, NULL, 4000);
INSERT INTO projects VALUES ('archived', 'Old', NULL, NULL, 900, 2000, NULL);
INSERT INTO threads VALUES ('thread', 'nori', 'project', 'Tests', 'work', 'active', 1100, 4000, 4, 'conversation');
INSERT INTO runs VALUES (1, 'ended', 'work_session', 'nori', 'coder', 'project', NULL, 'thread', 'completed', 1200, 1300, 'Done.', NULL, 0.25, 'hash1', 77);
INSERT INTO runs VALUES (2, 'session', 'work_session', 'nori', 'coder', 'project', NULL, 'thread', 'coding', 1400, NULL, NULL, NULL, NULL, 'hash2', 99);
INSERT INTO runs VALUES (3, 'external', 'external', 'miso', 'architect', 'project', 'feature', NULL, 'started', 1500, NULL, NULL, NULL, NULL, 'hash3', 0);
INSERT INTO messages VALUES (2000, 1, 'thread', NULL, 'm1', 1, 'user', NULL, 'message', 2100, 'first', NULL, NULL);
INSERT INTO messages VALUES (2200, 1, 'thread', NULL, 'm2', 0, 'agent', 'coder', 'message', NULL, 'answer', '[{"toolUseId":"t","tool":"Bash","input":{"command":"ls"},"status":"done","startedAt":"1970-01-01T00:00:00.002100Z"}]', NULL);
INSERT INTO messages VALUES (3000, 2, 'thread', NULL, 'm3', 1, 'user', NULL, 'message', NULL, 'waiting', NULL, NULL);
INSERT INTO messages VALUES (4000, 2, 'thread', NULL, 'm4', 1, 'user', NULL, 'message', NULL, 'waiting too', NULL, NULL);
INSERT INTO memories VALUES (1, 'memory', 'nori', 'project', 'Remember.', 1600);
INSERT INTO logins VALUES ('login', 'ana', 9223372036854775807);
