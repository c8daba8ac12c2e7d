// Who may call what, and about which projects: the one place where it is decided. What somebody may not know of is answered as
// what is not there: 404, in the same words.
#pragma once

#include <string>

#include "api/api.h"

namespace omakase::api {

// kForbidden not_allowed.
Result<void> check_access(Access access, const access::Principal& caller);

// What the parameters of the address name: `projectId`, `threadId`, `runId`. kForbidden wrong_run for a run's token.
Task<Result<void>> check_reach(Services& services, const Call& call);

// For what a body or a query names. An administrator's is not looked up: what is not there is for the endpoint to say.
Task<Result<void>> check_project(Services& services, const access::Principal& caller, std::string project_id);
Task<Result<void>> check_thread(Services& services, const access::Principal& caller, std::string thread_id);
Task<Result<void>> check_run(Services& services, const access::Principal& caller, std::string run_id);

// The person whose projects a list is to be narrowed to; none for an administrator.
std::optional<std::string> member_filter(const access::Principal& caller);

// What only an administrator may set in a project. kForbidden not_allowed with `field`.
Result<void> check_administrator(const access::Principal& caller, std::string_view field, std::string detail);

// A token that leaked must not be able to make ways in that outlive it. kForbidden not_with_a_token.
Result<void> check_signed_in_by_hand(const access::Principal& caller);

}  // namespace omakase::api
