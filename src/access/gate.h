// Tells who is calling, and lets people in by one-use login codes. Owned by app/; lives on the Loop's thread.
// Tokens and codes come from strangers: they are compared by SHA-256 and in constant time, and never logged.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "store/catalog.h"
#include "store/message_log.h"

namespace omakase::access {

using base::Result;
using runtime::Task;

struct Principal {
  enum class Kind { kNobody, kAdministrator, kRun } kind = Kind::kNobody;
  std::string id;          // of the user
  std::string run_id;      // of a run's token
  std::string login = {};  // the hash of a browser's login

  bool administrator() const { return kind == Kind::kAdministrator; }
  // May act for this run: its own token, or an administrator.
  bool acts_for(const std::string& run) const { return administrator() || (kind == Kind::kRun && run_id == run); }
};

inline constexpr auto kLoginCodeMinutes = 15;
inline constexpr auto kLoginDays = 90;

class Gate {
 public:
  // `tokens` are the administrator's: OMAKASE_TOKEN (may be empty) and the one of this data folder's command line.
  Gate(store::Catalog& catalog, store::MessageLog& log, const base::Clock& clock, std::vector<std::string> tokens);

  // Nobody when both are empty or unknown; an error only when the store does not answer.
  Task<Result<Principal>> identify(std::string bearer, std::string cookie);

  // A code for a login link: good once, for 15 minutes.
  Task<Result<std::string>> new_login_code();

  // Exchanges a code for a cookie's value, good for 90 days. kUnauthorized bad_login_code.
  Task<Result<std::string>> log_in(std::string code);
  Task<Result<void>> log_out(std::string cookie);
  // Whether a login is still good: neither logged out nor expired.
  Task<Result<bool>> holds(std::string login);

 private:
  Principal administrator() const;
  void remember(const std::string& hash, Principal principal, base::Timestamp until);

  store::Catalog& catalog_;
  store::MessageLog& log_;
  const base::Clock& clock_;
  std::vector<std::string> token_hashes_;
  struct Known {
    Principal principal;
    base::Timestamp until;
  };
  std::map<std::string, Known> known_;  // by hash; bounded, so that no request path reads the store twice for one caller
};

}  // namespace omakase::access
