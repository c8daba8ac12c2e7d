#include "store/sqlite/permission_writes.h"

#include <boost/json.hpp>

#include <utility>

#include "store/sqlite/rows.h"
#include "store/sqlite/run_writes.h"

namespace omakase::store::sqlite {

namespace {

std::optional<std::string> stored_answers(const std::optional<json::object>& answers) {
  if (!answers) return std::nullopt;
  return json::serialize(*answers);
}

Result<model::Permission> whole_permission(Connection& db, const std::string& run_id, const std::string& request_id) {
  OMAKASE_TRY(auto found, read_first(db.query(Sql::kPermission, run_id, request_id), read_permission));
  if (!found) return base::not_found("permission_not_found", "There is no request " + request_id + " of this agent run.");
  return *std::move(found);
}

}  // namespace

Result<void> ask_permission(WriteContext& context, const AskPermission& ask, Committed& out) {
  const model::Permission& wanted = ask.permission;
  OMAKASE_TRY(const StoredRun* run, stored_run(context, wanted.run_id));
  OMAKASE_CHECK(context.db.execute(Sql::kInsertPermission, run->n, wanted.request_id, model::word(wanted.kind), wanted.tool,
                                   wanted.tool_use_id, json::serialize(wanted.input), wanted.description, wanted.reason,
                                   model::word(wanted.status), wanted.requested_at, wanted.expires_at, wanted.answered_at,
                                   stored_word(wanted.scope), wanted.automatic, wanted.message, stored_answers(wanted.answers),
                                   wanted.agent_request_id));
  OMAKASE_TRY(auto stored, whole_permission(context.db, wanted.run_id, wanted.request_id));
  out.permissions.push_back(std::move(stored));
  return {};
}

Result<void> resolve_permission(WriteContext& context, const ResolvePermission& resolve, Committed& out) {
  OMAKASE_TRY(const StoredRun* run, stored_run(context, resolve.run_id));
  OMAKASE_TRY(const auto stored, whole_permission(context.db, resolve.run_id, resolve.request_id));
  if (stored.status != model::PermissionStatus::kPending) {
    if (resolve.if_pending) return {};
    return base::conflict("already_answered", "The request was answered before.");
  }
  OMAKASE_CHECK(context.db.execute(Sql::kResolvePermission, run->n, resolve.request_id, model::word(resolve.status),
                                   context.clock.now(), stored_word(resolve.scope), resolve.automatic, resolve.message,
                                   stored_answers(resolve.answers)));
  OMAKASE_TRY(auto resolved, whole_permission(context.db, resolve.run_id, resolve.request_id));
  out.permissions.push_back(std::move(resolved));
  return {};
}

}  // namespace omakase::store::sqlite
