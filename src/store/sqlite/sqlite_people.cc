#include "store/sqlite/sqlite_people.h"

#include <string>
#include <utility>

#include "store/sqlite/rows.h"

namespace omakase::store::sqlite {

namespace {

// The writer is alone: what it finds here still holds when it writes.
Result<void> check_name_is_free(Connection& db, const std::string& name, const std::string& for_id) {
  OMAKASE_TRY(const auto holder, read_first(db.query(Sql::kUserNamed, name), read_user));
  if (!holder || holder->id == for_id) return {};
  return base::fail(base::ErrorKind::kConflict, "name_taken", "There is somebody with this name already.", "name");
}

std::string read_project_id(const Query& row) { return row.text(0); }

}  // namespace

Task<Result<model::User>> SqlitePeople::add_user(model::User user) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::User> {
    OMAKASE_CHECK(check_name_is_free(context.db, user.name, user.id));
    OMAKASE_CHECK(
        context.db.execute(Sql::kInsertUser, user.id, user.name, model::word(user.role), user.created_at, user.deactivated_at));
    return user;
  });
}

Task<Result<std::optional<model::User>>> SqlitePeople::user(std::string id) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kUser, id), read_user); });
}

Task<Result<std::optional<model::User>>> SqlitePeople::user_named(std::string name) {
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kUserNamed, name), read_user); });
}

Task<Result<std::vector<model::User>>> SqlitePeople::users(std::optional<Timestamp> after, std::size_t limit) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_all(db.query(Sql::kUsers, after.value_or(Timestamp{}), sql_limit(limit)), read_user); });
}

Task<Result<std::optional<model::User>>> SqlitePeople::update_user(std::string id, UserPatch patch) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<std::optional<model::User>> {
    if (patch.name) OMAKASE_CHECK(check_name_is_free(context.db, *patch.name, id));
    return read_first(context.db.query(Sql::kUpdateUser, id, patch.name, stored_word(patch.role)), read_user);
  });
}

Task<Result<std::optional<model::User>>> SqlitePeople::set_active(std::string id, bool active) {
  co_return co_await writer_.run(Undo::kBySavepoint, [&](WriteContext& context) -> Result<std::optional<model::User>> {
    if (active) {
      OMAKASE_TRY(const auto user, read_first(context.db.query(Sql::kUser, id), read_user));
      if (user) OMAKASE_CHECK(check_name_is_free(context.db, user->name, id));
    } else {
      for (const Sql sql : {Sql::kDeleteLoginCodesOfUser, Sql::kDeleteLoginsOfUser, Sql::kDeleteTokensOfUser,
                            Sql::kDeletePushSubscriptionsOfUser}) {
        OMAKASE_CHECK(context.db.execute(sql, id));
      }
    }
    return read_first(context.db.query(Sql::kSetUserActive, id, active, context.clock.now()), read_user);
  });
}

Task<Result<void>> SqlitePeople::add_login_code(std::string code_hash, std::string user_id, Timestamp expires_at) {
  co_return co_await writer_.run(Undo::kBySavepoint, [&](WriteContext& context) -> Result<void> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteExpiredLoginCodes, context.clock.now()));
    return context.db.execute(Sql::kInsertLoginCode, code_hash, user_id, expires_at);
  });
}

Task<Result<std::optional<std::string>>> SqlitePeople::take_login_code(std::string code_hash) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<std::optional<std::string>> {
    Query taken = context.db.query(Sql::kTakeLoginCode, code_hash);
    OMAKASE_TRY(const bool found, taken.step());
    if (!found || taken.time(0) <= context.clock.now()) return std::nullopt;
    return taken.text(1);
  });
}

Task<Result<void>> SqlitePeople::remove_login_codes(std::string user_id) {
  co_return co_await writer_.run(
      Undo::kByStatement, [&](WriteContext& context) { return context.db.execute(Sql::kDeleteLoginCodesOfUser, user_id); });
}

Task<Result<void>> SqlitePeople::add_login(Login login) {
  co_return co_await writer_.run(Undo::kBySavepoint, [&](WriteContext& context) -> Result<void> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteExpiredLogins, context.clock.now()));
    return context.db.execute(Sql::kInsertLogin, login.token_hash, login.user_id, login.expires_at);
  });
}

Task<Result<std::optional<Admitted>>> SqlitePeople::login(std::string token_hash) {
  const Timestamp now = clock_.now();
  co_return co_await readers_.run(
      [&](Connection& db) { return read_first(db.query(Sql::kLogin, token_hash, now), read_admitted); });
}

Task<Result<bool>> SqlitePeople::remove_login(std::string token_hash) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteLogin, token_hash));
    return context.db.changes() > 0;
  });
}

Task<Result<model::UserToken>> SqlitePeople::add_token(model::UserToken token) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::UserToken> {
    Query held = context.db.query(Sql::kCountTokens, token.user_id);
    OMAKASE_CHECK(held.step());
    if (held.integer(0) >= kMaxTokens) {
      return base::conflict("too_many", "A person has at most " + std::to_string(kMaxTokens) + " tokens. Revoke one first.");
    }
    OMAKASE_CHECK(context.db.execute(Sql::kInsertToken, token.id, token.user_id, token.name, token.hash, token.created_at,
                                     token.last_used_at, token.expires_at));
    return token;
  });
}

Task<Result<std::vector<model::UserToken>>> SqlitePeople::tokens(std::string user_id) {
  co_return co_await readers_.run([&](Connection& db) { return read_all(db.query(Sql::kTokens, user_id), read_token); });
}

Task<Result<std::optional<Admitted>>> SqlitePeople::token(std::string hash) {
  const Timestamp now = clock_.now();
  co_return co_await readers_.run([&](Connection& db) { return read_first(db.query(Sql::kToken, hash, now), read_admitted); });
}

Task<Result<void>> SqlitePeople::set_token_used(std::string id, Timestamp at) {
  co_return co_await writer_.run(Undo::kByStatement,
                                 [&](WriteContext& context) { return context.db.execute(Sql::kSetTokenUsed, id, at); });
}

Task<Result<std::optional<model::UserToken>>> SqlitePeople::remove_token(std::string user_id, std::string id) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) {
    return read_first(context.db.query(Sql::kDeleteToken, id, user_id), read_token);
  });
}

Task<Result<bool>> SqlitePeople::add_member(std::string project_id, std::string user_id) {
  co_return co_await writer_.run(Undo::kBySavepoint, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertMember, project_id, user_id));
    if (context.db.changes() == 0) return false;
    OMAKASE_CHECK(context.activity.write(context.db));  // the marks are set at the threads' last messages
    OMAKASE_CHECK(context.db.execute(Sql::kMarkProjectRead, project_id, user_id));
    return true;
  });
}

Task<Result<bool>> SqlitePeople::remove_member(std::string project_id, std::string user_id) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeleteMember, project_id, user_id));
    return context.db.changes() > 0;
  });
}

Task<Result<std::vector<model::User>>> SqlitePeople::members(std::string project_id) {
  co_return co_await readers_.run([&](Connection& db) { return read_all(db.query(Sql::kMembers, project_id), read_user); });
}

Task<Result<std::vector<std::string>>> SqlitePeople::projects_of(std::string user_id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_all(db.query(Sql::kProjectsOfUser, user_id), read_project_id); });
}

Task<Result<std::optional<std::string>>> SqlitePeople::push_key() {
  co_return co_await readers_.run([&](Connection& db) -> Result<std::optional<std::string>> {
    Query key = db.query(Sql::kPushKey);
    OMAKASE_TRY(const bool found, key.step());
    if (!found) return std::nullopt;
    return key.text(0);
  });
}

Task<Result<std::string>> SqlitePeople::set_push_key(std::string sealed_key) {
  co_return co_await writer_.run(Undo::kBySavepoint, [&](WriteContext& context) -> Result<std::string> {
    OMAKASE_CHECK(context.db.execute(Sql::kInsertPushKey, sealed_key));
    Query key = context.db.query(Sql::kPushKey);
    OMAKASE_CHECK(key.step());
    return key.text(0);
  });
}

Task<Result<model::PushSubscription>> SqlitePeople::add_push_subscription(model::PushSubscription subscription) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<model::PushSubscription> {
    Query others = context.db.query(Sql::kCountPushSubscriptions, subscription.user_id, subscription.endpoint);
    OMAKASE_CHECK(others.step());
    if (others.integer(0) >= kMaxPushSubscriptions) {
      return base::conflict("too_many", "A person has at most " + std::to_string(kMaxPushSubscriptions) +
                                            " browsers that are told. Switch it off in one of the others first.");
    }
    OMAKASE_TRY(auto stored,
                read_first(context.db.query(Sql::kInsertPushSubscription, subscription.id, subscription.user_id,
                                            subscription.endpoint, subscription.p256dh, subscription.auth,
                                            stored_kinds(subscription.kinds), subscription.browser, subscription.created_at),
                           read_push_subscription));
    return stored.value_or(subscription);
  });
}

Task<Result<std::vector<model::PushSubscription>>> SqlitePeople::push_subscriptions(std::string user_id) {
  co_return co_await readers_.run(
      [&](Connection& db) { return read_all(db.query(Sql::kPushSubscriptions, user_id), read_push_subscription); });
}

Task<Result<bool>> SqlitePeople::remove_push_subscription(std::string user_id, std::string id) {
  co_return co_await writer_.run(Undo::kByStatement, [&](WriteContext& context) -> Result<bool> {
    OMAKASE_CHECK(context.db.execute(Sql::kDeletePushSubscription, id, user_id));
    return context.db.changes() > 0;
  });
}

Task<Result<std::vector<model::PushSubscription>>> SqlitePeople::push_subscriptions_for(std::string project_id, bool viewers) {
  co_return co_await readers_.run([&](Connection& db) {
    return read_all(db.query(Sql::kPushSubscriptionsForProject, std::int64_t{0}, project_id, viewers), read_push_subscription);
  });
}

}  // namespace omakase::store::sqlite
