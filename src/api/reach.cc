#include "api/reach.h"

namespace omakase::api {

namespace {

using Kind = access::Principal::Kind;
using model::UserRole;

base::Failure forbidden(std::string detail) { return base::fail(base::ErrorKind::kForbidden, "not_allowed", std::move(detail)); }

bool takes_runs(Access access) {
  return access == Access::kViewerOrRun || access == Access::kDeveloperOrRun || access == Access::kAdministratorOrRun;
}

UserRole least_role(Access access) {
  switch (access) {
    case Access::kPublic:
    case Access::kPerson:
    case Access::kViewer:
    case Access::kViewerOrRun: return UserRole::kViewer;
    case Access::kDeveloper:
    case Access::kDeveloperOrRun: return UserRole::kDeveloper;
    case Access::kAdministrator:
    case Access::kAdministratorOrRun: return UserRole::kAdmin;
  }
  return UserRole::kAdmin;
}

}  // namespace

Result<void> check_access(Access access, const access::Principal& caller) {
  if (access == Access::kPublic) return {};
  if (caller.kind == Kind::kRun) {
    if (takes_runs(access)) return {};
    return forbidden("A run's token is good for its own run only.");
  }
  if (caller.may(least_role(access))) return {};
  return least_role(access) == UserRole::kAdmin ? forbidden("Only an administrator may do this.")
                                                : forbidden("You may read here. Ask an administrator for more.");
}

Task<Result<void>> check_project(Services& services, const access::Principal& caller, std::string project_id) {
  OMAKASE_CO_TRY(const bool seen, co_await services.gate.sees(caller, project_id));
  if (!seen) co_return base::not_found("project_not_found", "There is no project with this id.");
  co_return Result<void>();
}

Task<Result<void>> check_thread(Services& services, const access::Principal& caller, std::string thread_id) {
  if (caller.administrator()) co_return Result<void>();
  OMAKASE_CO_TRY(const auto thread, co_await services.catalog.thread(std::move(thread_id)));
  bool seen = false;
  if (thread) {
    OMAKASE_CO_TRY(seen, co_await services.gate.sees(caller, thread->thread.project_id));
  }
  if (!seen) co_return base::not_found("thread_not_found", "There is no thread with this id.");
  co_return Result<void>();
}

Task<Result<void>> check_run(Services& services, const access::Principal& caller, std::string run_id) {
  if (caller.administrator()) co_return Result<void>();
  if (caller.kind == Kind::kRun) {
    if (caller.run_id == run_id) co_return Result<void>();
    co_return base::fail(base::ErrorKind::kForbidden, "wrong_run", "This token is good for another run.");
  }
  OMAKASE_CO_TRY(const auto run, co_await services.run_facts.of(std::move(run_id)));
  OMAKASE_CO_TRY(const bool seen, co_await services.gate.sees(caller, run.project_id));
  if (!seen) co_return base::not_found("run_not_found", "There is no run with this id.");
  co_return Result<void>();
}

Task<Result<void>> check_reach(Services& services, const Call& call) {
  if (call.principal.administrator()) co_return Result<void>();
  if (const std::string& id = call.parameters["projectId"]; !id.empty()) {
    OMAKASE_CO_CHECK(co_await check_project(services, call.principal, id));
  }
  if (const std::string& id = call.parameters["threadId"]; !id.empty()) {
    OMAKASE_CO_CHECK(co_await check_thread(services, call.principal, id));
  }
  if (const std::string& id = call.parameters["runId"]; !id.empty()) {
    OMAKASE_CO_CHECK(co_await check_run(services, call.principal, id));
  }
  co_return Result<void>();
}

std::optional<std::string> member_filter(const access::Principal& caller) {
  if (caller.administrator()) return std::nullopt;
  return caller.id;
}

Result<void> check_administrator(const access::Principal& caller, std::string_view field, std::string detail) {
  if (caller.administrator()) return {};
  return base::fail(base::ErrorKind::kForbidden, "not_allowed", std::move(detail), std::string(field));
}

Result<void> check_signed_in_by_hand(const access::Principal& caller) {
  if (caller.token_id.empty()) return {};
  return base::fail(base::ErrorKind::kForbidden, "not_with_a_token",
                    "A person's token makes no login links and no tokens. Sign in with a browser for this.");
}

}  // namespace omakase::api
