#include "access/gate.h"

#include <limits>

#include "base/digest.h"
#include "base/ids.h"
#include "base/log.h"
#include "runtime/loop.h"

namespace omakase::access {

namespace {

constexpr std::size_t kMaxKnown = 10'000;
constexpr std::int64_t kMinute = 60'000'000;
constexpr base::Timestamp kNever{std::numeric_limits<std::int64_t>::max()};
// Tells people what it is when they meet one in a file, and us where to look it up.
constexpr std::string_view kTokenPrefix = "omk_";

}  // namespace

Gate::Gate(store::People& people, store::MessageLog& log, const base::Clock& clock, std::vector<std::string> tokens)
    : people_(people), log_(log), clock_(clock) {
  for (const std::string& token : tokens) {
    if (!token.empty()) token_hashes_.push_back(base::sha256_hex(token));
  }
}

Principal Gate::operating() const {
  return {.kind = Principal::Kind::kPerson,
          .id = std::string(model::kOperatorId),
          .role = model::UserRole::kAdmin,
          .as_of = version_};
}

// What was read before something changed is not kept.
void Gate::remember(const std::string& hash, const Principal& principal, base::Timestamp until, std::uint64_t as_of) {
  if (as_of != version_) return;
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[hash] = {principal, until};
}

void Gate::forget(const std::string& user_id) {
  ++version_;
  projects_of_.erase(user_id);
  std::erase_if(known_, [&](const auto& known) { return known.second.principal.id == user_id; });
}

Task<Result<Principal>> Gate::admit(std::string hash, bool is_token) {
  const std::uint64_t as_of = version_;
  OMAKASE_CO_TRY(const auto admitted, co_await (is_token ? people_.token(hash) : people_.login(hash)));
  if (!admitted) co_return Principal{};
  const Principal person{.kind = Principal::Kind::kPerson,
                         .id = admitted->user_id,
                         .role = admitted->role,
                         .login = hash,
                         .token_id = admitted->token_id,
                         .as_of = as_of};
  remember(hash, person, admitted->expires_at.value_or(kNever), as_of);
  co_return person;
}

Task<Result<Principal>> Gate::identify(std::string bearer, std::string cookie) {
  if (bearer.empty() && cookie.empty()) co_return Principal{};
  const std::string hash = base::sha256_hex(bearer.empty() ? cookie : bearer);
  if (!bearer.empty()) {
    for (const std::string& token_hash : token_hashes_) {
      if (base::equal_in_constant_time(hash, token_hash)) co_return operating();
    }
  }
  Principal caller;
  if (const auto known = known_.find(hash); known != known_.end() && clock_.now() < known->second.until) {
    caller = known->second.principal;
    caller.as_of = version_;
  } else if (bearer.empty() || bearer.starts_with(kTokenPrefix)) {
    OMAKASE_CO_TRY(caller, co_await admit(hash, !bearer.empty()));
  } else {
    OMAKASE_CO_TRY(const std::optional<model::Run> run, co_await log_.run_by_token(hash));
    if (!run) co_return Principal{};
    caller = {.kind = Principal::Kind::kRun, .run_id = run->id, .as_of = version_};
    remember(hash, caller, kNever, version_);
  }
  if (!caller.token_id.empty()) uses_[caller.token_id] = clock_.now();
  co_return caller;
}

Task<Result<bool>> Gate::sees(const Principal& person, const std::string& project_id) {
  if (person.administrator()) co_return true;
  if (person.kind != Principal::Kind::kPerson) co_return false;
  if (const auto known = projects_of_.find(person.id); known != projects_of_.end()) co_return known->second.contains(project_id);
  const std::uint64_t as_of = version_;
  OMAKASE_CO_TRY(const auto projects, co_await people_.projects_of(person.id));
  const std::set<std::string> own(projects.begin(), projects.end());
  if (as_of == version_) {
    if (projects_of_.size() >= kMaxKnown) projects_of_.clear();
    projects_of_[person.id] = own;
  }
  co_return own.contains(project_id);
}

Task<Result<std::string>> Gate::new_login_code(std::string user_id) {
  std::string code = base::new_secret(32);
  const base::Timestamp expires{clock_.now().micros + kLoginCodeMinutes * kMinute};
  OMAKASE_CO_CHECK(co_await people_.add_login_code(base::sha256_hex(code), std::move(user_id), expires));
  co_return code;
}

Task<Result<std::string>> Gate::invite(std::string user_id) {
  std::string code = base::new_secret(32);
  const base::Timestamp expires{clock_.now().micros + std::int64_t{kInvitationDays} * 24 * 60 * kMinute};
  OMAKASE_CO_CHECK(co_await people_.remove_login_codes(user_id));
  OMAKASE_CO_CHECK(co_await people_.add_login_code(base::sha256_hex(code), std::move(user_id), expires));
  co_return code;
}

Task<Result<LoggedIn>> Gate::log_in(std::string code) {
  OMAKASE_CO_TRY(const auto user_id, co_await people_.take_login_code(base::sha256_hex(code)));
  if (!user_id) {
    co_return base::fail(base::ErrorKind::kUnauthorized, "bad_login_code",
                         "This link was used already or is too old. Ask an administrator for a new one; whoever runs the server "
                         "gets one with `omakase login-link`.",
                         "code");
  }
  std::string cookie = base::new_secret(32);
  const base::Timestamp expires{clock_.now().micros + kLoginDays * 24 * 60 * kMinute};
  OMAKASE_CO_CHECK(co_await people_.add_login({base::sha256_hex(cookie), *user_id, expires}));
  co_return LoggedIn{std::move(cookie), *user_id};
}

Task<Result<bool>> Gate::holds(std::string login) {
  OMAKASE_CO_TRY(const auto browser, co_await people_.login(login));
  if (browser) co_return true;
  OMAKASE_CO_TRY(const auto token, co_await people_.token(login));
  if (!token) known_.erase(login);
  co_return token.has_value();
}

Task<Result<void>> Gate::log_out(std::string cookie) {
  const std::string hash = base::sha256_hex(cookie);
  OMAKASE_CO_CHECK(co_await people_.remove_login(hash));
  ++version_;
  known_.erase(hash);
  co_return Result<void>();
}

Task<Result<NewToken>> Gate::new_token(std::string user_id, std::string name, std::optional<base::Timestamp> expires_at) {
  NewToken made{.secret = std::string(kTokenPrefix) + base::new_secret(32)};
  const base::Timestamp now = clock_.now();
  model::UserToken token{.id = base::new_ulid(now),
                         .user_id = std::move(user_id),
                         .name = std::move(name),
                         .hash = base::sha256_hex(made.secret),
                         .created_at = now,
                         .expires_at = expires_at};
  OMAKASE_CO_TRY(made.token, co_await people_.add_token(std::move(token)));
  co_return made;
}

Task<Result<std::vector<model::UserToken>>> Gate::tokens_of(std::string user_id) {
  OMAKASE_CO_TRY(auto tokens, co_await people_.tokens(std::move(user_id)));
  for (model::UserToken& token : tokens) {
    if (const auto use = uses_.find(token.id); use != uses_.end()) token.last_used_at = use->second;
  }
  co_return tokens;
}

Task<Result<std::optional<model::UserToken>>> Gate::revoke_token(std::string user_id, std::string token_id) {
  OMAKASE_CO_TRY(auto token, co_await people_.remove_token(std::move(user_id), std::move(token_id)));
  if (!token) co_return std::nullopt;
  ++version_;
  known_.erase(token->hash);
  uses_.erase(token->id);
  co_return token;
}

Task<Result<std::optional<model::User>>> Gate::change_user(std::string user_id, store::UserPatch patch) {
  OMAKASE_CO_TRY(auto user, co_await people_.update_user(user_id, std::move(patch)));
  forget(user_id);
  co_return user;
}

Task<Result<std::optional<model::User>>> Gate::set_active(std::string user_id, bool active) {
  OMAKASE_CO_TRY(auto user, co_await people_.set_active(user_id, active));
  forget(user_id);
  co_return user;
}

Task<Result<bool>> Gate::add_member(std::string project_id, std::string user_id) {
  OMAKASE_CO_TRY(const bool added, co_await people_.add_member(std::move(project_id), user_id));
  forget(user_id);
  co_return added;
}

Task<Result<bool>> Gate::remove_member(std::string project_id, std::string user_id) {
  OMAKASE_CO_TRY(const bool removed, co_await people_.remove_member(std::move(project_id), user_id));
  forget(user_id);
  co_return removed;
}

Task<> Gate::write_uses() {
  const auto uses = std::exchange(uses_, {});
  for (const auto& [token_id, at] : uses) {
    const auto written = co_await people_.set_token_used(token_id, at);
    if (!written) base::log_warn("the use of a token is not noted", {{"error", written.error().detail}});
  }
}

Task<> Gate::keep_uses() {
  while (co_await runtime::sleep_for(std::chrono::minutes(1))) co_await write_uses();
}

}  // namespace omakase::access
