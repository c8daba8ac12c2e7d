// Who may come in, and to which projects: people, their login links, browsers and tokens, and who is a member of what. Called on
// the Loop's thread; engines do their work elsewhere and resume there. A write is on disk before its Task ends. Secrets are
// hashes here. Errors: kConflict name_taken, too_many; kUnavailable store_unavailable, disk_full. Not found is an empty optional
// or false.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/push.h"
#include "model/user.h"
#include "runtime/asio.h"

namespace omakase::store {

using base::Result;
using base::Timestamp;
using runtime::Task;

// A browser that logged in.
struct Login {
  std::string token_hash;
  std::string user_id;
  Timestamp expires_at;
};

// Whom a login or a token lets in.
struct Admitted {
  std::string user_id;
  std::string name;
  model::UserRole role = model::UserRole::kViewer;
  std::optional<Timestamp> expires_at;
  std::string token_id;  // of a token; "": a browser's login
};

struct UserPatch {
  std::optional<std::string> name;
  std::optional<model::UserRole> role;
};

class People {
 public:
  virtual ~People() = default;

  // No two active people have the same name, whatever its case.
  virtual Task<Result<model::User>> add_user(model::User user) = 0;
  virtual Task<Result<std::optional<model::User>>> user(std::string id) = 0;
  virtual Task<Result<std::optional<model::User>>> user_named(std::string name) = 0;  // active ones only
  // In the order in which they came; `after` (exclusive, by created_at) pages.
  virtual Task<Result<std::vector<model::User>>> users(std::optional<Timestamp> after, std::size_t limit) = 0;
  virtual Task<Result<std::optional<model::User>>> update_user(std::string id, UserPatch patch) = 0;
  // A person who is deactivated loses every login, login code and token; what they are a member of stays.
  virtual Task<Result<std::optional<model::User>>> set_active(std::string id, bool active) = 0;

  // One-use codes of login links. take_login_code removes it and gives its person: once, before it expires.
  virtual Task<Result<void>> add_login_code(std::string code_hash, std::string user_id, Timestamp expires_at) = 0;
  virtual Task<Result<std::optional<std::string>>> take_login_code(std::string code_hash) = 0;
  virtual Task<Result<void>> remove_login_codes(std::string user_id) = 0;

  virtual Task<Result<void>> add_login(Login login) = 0;
  // Of an active person, and not expired.
  virtual Task<Result<std::optional<Admitted>>> login(std::string token_hash) = 0;
  virtual Task<Result<bool>> remove_login(std::string token_hash) = 0;

  // add_token is too_many when the person has kMaxTokens.
  static constexpr std::int64_t kMaxTokens = 100;
  virtual Task<Result<model::UserToken>> add_token(model::UserToken token) = 0;
  virtual Task<Result<std::vector<model::UserToken>>> tokens(std::string user_id) = 0;  // newest first, expired ones too
  virtual Task<Result<std::optional<Admitted>>> token(std::string hash) = 0;            // as login()
  virtual Task<Result<void>> set_token_used(std::string id, Timestamp at) = 0;
  virtual Task<Result<std::optional<model::UserToken>>> remove_token(std::string user_id, std::string id) = 0;

  // The key with which push services are asked, sealed; the first that is set stays, and is what set_push_key gives.
  virtual Task<Result<std::optional<std::string>>> push_key() = 0;
  virtual Task<Result<std::string>> set_push_key(std::string sealed_key) = 0;
  // Browsers that a person wants told. An endpoint is there once: who subscribes last has it. add_push_subscription is too_many
  // when the person has kMaxPushSubscriptions others. They go when the person is deactivated.
  static constexpr std::int64_t kMaxPushSubscriptions = 20;
  virtual Task<Result<model::PushSubscription>> add_push_subscription(model::PushSubscription subscription) = 0;
  virtual Task<Result<std::vector<model::PushSubscription>>> push_subscriptions(std::string user_id) = 0;  // oldest first
  virtual Task<Result<bool>> remove_push_subscription(std::string user_id, std::string id) = 0;
  // Those of all who may know of a project; `viewers`: of those too who only read.
  virtual Task<Result<std::vector<model::PushSubscription>>> push_subscriptions_for(std::string project_id, bool viewers) = 0;

  // False when they were a member already, or were none. What was said before somebody joins counts as read by them.
  virtual Task<Result<bool>> add_member(std::string project_id, std::string user_id) = 0;
  virtual Task<Result<bool>> remove_member(std::string project_id, std::string user_id) = 0;
  virtual Task<Result<std::vector<model::User>>> members(std::string project_id) = 0;  // active ones
  virtual Task<Result<std::vector<std::string>>> projects_of(std::string user_id) = 0;
};

}  // namespace omakase::store
