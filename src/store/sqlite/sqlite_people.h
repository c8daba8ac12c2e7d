// The People on SQLite: writes through the write thread, reads through the readers. Owned by SqliteStore.
#pragma once

#include "store/people.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

class SqlitePeople final : public People {
 public:
  SqlitePeople(WriteThread& writer, Readers& readers, const base::Clock& clock)
      : writer_(writer), readers_(readers), clock_(clock) {}

  Task<Result<model::User>> add_user(model::User user) override;
  Task<Result<std::optional<model::User>>> user(std::string id) override;
  Task<Result<std::optional<model::User>>> user_named(std::string name) override;
  Task<Result<std::vector<model::User>>> users(std::optional<Timestamp> after, std::size_t limit) override;
  Task<Result<std::optional<model::User>>> update_user(std::string id, UserPatch patch) override;
  Task<Result<std::optional<model::User>>> set_active(std::string id, bool active) override;

  Task<Result<void>> add_login_code(std::string code_hash, std::string user_id, Timestamp expires_at) override;
  Task<Result<std::optional<std::string>>> take_login_code(std::string code_hash) override;
  Task<Result<void>> remove_login_codes(std::string user_id) override;
  Task<Result<void>> add_login(Login login) override;
  Task<Result<std::optional<Admitted>>> login(std::string token_hash) override;
  Task<Result<bool>> remove_login(std::string token_hash) override;

  Task<Result<model::UserToken>> add_token(model::UserToken token) override;
  Task<Result<std::vector<model::UserToken>>> tokens(std::string user_id) override;
  Task<Result<std::optional<Admitted>>> token(std::string hash) override;
  Task<Result<void>> set_token_used(std::string id, Timestamp at) override;
  Task<Result<std::optional<model::UserToken>>> remove_token(std::string user_id, std::string id) override;

  Task<Result<std::optional<std::string>>> push_key() override;
  Task<Result<std::string>> set_push_key(std::string sealed_key) override;
  Task<Result<model::PushSubscription>> add_push_subscription(model::PushSubscription subscription) override;
  Task<Result<std::vector<model::PushSubscription>>> push_subscriptions(std::string user_id) override;
  Task<Result<bool>> remove_push_subscription(std::string user_id, std::string id) override;
  Task<Result<std::vector<model::PushSubscription>>> push_subscriptions_for(std::string project_id, bool viewers) override;

  Task<Result<bool>> add_member(std::string project_id, std::string user_id) override;
  Task<Result<bool>> remove_member(std::string project_id, std::string user_id) override;
  Task<Result<std::vector<model::User>>> members(std::string project_id) override;
  Task<Result<std::vector<std::string>>> projects_of(std::string user_id) override;

 private:
  WriteThread& writer_;
  Readers& readers_;
  const base::Clock& clock_;
};

}  // namespace omakase::store::sqlite
