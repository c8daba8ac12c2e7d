#include "access/gate.h"

#include <limits>

#include "base/digest.h"
#include "base/ids.h"

namespace omakase::access {

namespace {

constexpr std::size_t kMaxKnown = 10'000;
constexpr std::int64_t kMinute = 60'000'000;

}  // namespace

Gate::Gate(store::Catalog& catalog, store::MessageLog& log, const base::Clock& clock, std::vector<std::string> tokens)
    : catalog_(catalog), log_(log), clock_(clock) {
  for (const std::string& token : tokens) {
    if (!token.empty()) token_hashes_.push_back(base::sha256_hex(token));
  }
}

Principal Gate::administrator() const { return {Principal::Kind::kAdministrator, "admin", {}}; }

void Gate::remember(const std::string& hash, Principal principal, base::Timestamp until) {
  if (known_.size() >= kMaxKnown) known_.clear();
  known_[hash] = {std::move(principal), until};
}

Task<Result<Principal>> Gate::identify(std::string bearer, std::string cookie) {
  if (!bearer.empty()) {
    const std::string hash = base::sha256_hex(bearer);
    for (const std::string& token_hash : token_hashes_) {
      if (base::equal_in_constant_time(hash, token_hash)) co_return administrator();
    }
    if (const auto known = known_.find(hash); known != known_.end() && clock_.now() < known->second.until)
      co_return known->second.principal;
    OMAKASE_CO_TRY(std::optional<model::Run> run, co_await log_.run_by_token(hash));
    if (!run) co_return Principal{};
    remember(hash, {Principal::Kind::kRun, {}, run->id}, {std::numeric_limits<std::int64_t>::max()});
    co_return Principal{Principal::Kind::kRun, {}, run->id};
  }
  if (!cookie.empty()) {
    const std::string hash = base::sha256_hex(cookie);
    if (const auto known = known_.find(hash); known != known_.end() && clock_.now() < known->second.until)
      co_return known->second.principal;
    OMAKASE_CO_TRY(std::optional<store::Login> login, co_await catalog_.login(hash));
    if (!login) co_return Principal{};
    Principal person = administrator();
    person.login = hash;
    remember(hash, person, login->expires_at);
    co_return person;
  }
  co_return Principal{};
}

Task<Result<std::string>> Gate::new_login_code() {
  std::string code = base::new_secret(32);
  OMAKASE_CO_CHECK(co_await catalog_.add_login_code(base::sha256_hex(code), {clock_.now().micros + kLoginCodeMinutes * kMinute}));
  co_return code;
}

Task<Result<std::string>> Gate::log_in(std::string code) {
  OMAKASE_CO_TRY(const bool good, co_await catalog_.take_login_code(base::sha256_hex(code)));
  if (!good) {
    co_return base::fail(base::ErrorKind::kUnauthorized, "bad_login_code",
                         "This login link was used already or is older than 15 minutes. `omakase login-link` prints a new one.",
                         "code");
  }
  std::string cookie = base::new_secret(32);
  const base::Timestamp expires{clock_.now().micros + kLoginDays * 24 * 60 * kMinute};
  OMAKASE_CO_CHECK(co_await catalog_.add_login({base::sha256_hex(cookie), "admin", expires}));
  co_return cookie;
}

Task<Result<bool>> Gate::holds(std::string login) {
  OMAKASE_CO_TRY(const auto stored, co_await catalog_.login(login));
  if (!stored) known_.erase(login);
  co_return stored.has_value();
}

Task<Result<void>> Gate::log_out(std::string cookie) {
  const std::string hash = base::sha256_hex(cookie);
  known_.erase(hash);
  OMAKASE_CO_CHECK(co_await catalog_.remove_login(hash));
  co_return Result<void>();
}

}  // namespace omakase::access
