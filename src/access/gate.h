// Tells who is calling, lets people in by one-use login codes, and knows which projects they may see. Whatever takes something
// from a person goes through here, so that nothing that is remembered outlives it. Owned by app/; lives on the Loop's thread.
// Tokens and codes come from strangers: they are compared by SHA-256 and in constant time, and never logged.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "access/principal.h"
#include "base/clock.h"
#include "store/message_log.h"
#include "store/people.h"

namespace omakase::access {

using base::Result;
using runtime::Task;

inline constexpr auto kLoginCodeMinutes = 15;
inline constexpr auto kInvitationDays = 7;
inline constexpr auto kLoginDays = 90;

struct LoggedIn {
  std::string cookie;
  std::string user_id;
};

struct NewToken {
  model::UserToken token;
  std::string secret;  // told once
};

class Gate {
 public:
  // `tokens` are the operator's: OMAKASE_TOKEN (may be empty) and the one of this data folder's command line.
  Gate(store::People& people, store::MessageLog& log, const base::Clock& clock, std::vector<std::string> tokens);

  // Nobody when both are empty or unknown; an error only when the store does not answer.
  Task<Result<Principal>> identify(std::string bearer, std::string cookie);

  // Whether a person may know of a project.
  Task<Result<bool>> sees(const Principal& person, const std::string& project_id);

  // A code for a login link: good once.
  Task<Result<std::string>> new_login_code(std::string user_id);  // for 15 minutes
  Task<Result<std::string>> invite(std::string user_id);          // for 7 days; codes that were made before are void

  // Exchanges a code for a cookie's value, good for 90 days. kUnauthorized bad_login_code.
  Task<Result<LoggedIn>> log_in(std::string code);
  Task<Result<void>> log_out(std::string cookie);
  // Whether a login or a token is still good: neither given up nor expired.
  Task<Result<bool>> holds(std::string login);

  Task<Result<NewToken>> new_token(std::string user_id, std::string name, std::optional<base::Timestamp> expires_at);
  Task<Result<std::vector<model::UserToken>>> tokens_of(std::string user_id);
  Task<Result<std::optional<model::UserToken>>> revoke_token(std::string user_id, std::string token_id);

  Task<Result<std::optional<model::User>>> change_user(std::string user_id, store::UserPatch patch);
  Task<Result<std::optional<model::User>>> set_active(std::string user_id, bool active);
  Task<Result<bool>> add_member(std::string project_id, std::string user_id);
  Task<Result<bool>> remove_member(std::string project_id, std::string user_id);

  // What is remembered of a person is read anew.
  void forget(const std::string& user_id);
  // Grows whenever what somebody may do could have changed.
  std::uint64_t version() const { return version_; }

  // Notes once a minute, for as long as the server runs, when tokens were used: no request waits for it.
  Task<> keep_uses();
  Task<> write_uses();

 private:
  Principal operating() const;
  Task<Result<Principal>> admit(std::string hash, bool is_token);
  void remember(const std::string& hash, const Principal& principal, base::Timestamp until, std::uint64_t as_of);

  store::People& people_;
  store::MessageLog& log_;
  const base::Clock& clock_;
  std::vector<std::string> token_hashes_;
  struct Known {
    Principal principal;
    base::Timestamp until;
  };
  // Both bounded, so that no request path reads the store twice for one caller.
  std::map<std::string, Known> known_;                        // by hash
  std::map<std::string, std::set<std::string>> projects_of_;  // by person
  std::map<std::string, base::Timestamp> uses_;               // by token: the last one, until it is written
  std::uint64_t version_ = 1;
};

}  // namespace omakase::access
