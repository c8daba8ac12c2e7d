// The text of GET /metrics: how the parts of the running server stand. docs/operations.md says what each metric is good for.
#pragma once

#include <chrono>
#include <string>

#include "agents/work_sessions.h"
#include "feed/feed.h"
#include "net/server.h"
#include "notify/notifier.h"
#include "store/sqlite/sqlite_store.h"

namespace omakase::app {

struct Measured {
  const net::Server& server;
  const store::sqlite::SqliteStore& store;
  const feed::Feed& feed;
  const agents::WorkSessions& sessions;
  const notify::Notifier& notifier;
  std::chrono::system_clock::time_point started;
};

std::string metrics_text(const Measured& measured);

}  // namespace omakase::app
