#include "model/user.h"

namespace omakase::model {

namespace {

json::value time_or_null(const std::optional<Timestamp>& time) {
  return time ? json::value(base::format(*time)) : json::value(nullptr);
}

}  // namespace

json::object to_json(const User& user) {
  return {{"id", user.id},
          {"name", user.name},
          {"role", word(user.role)},
          {"createdAt", base::format(user.created_at)},
          {"deactivatedAt", time_or_null(user.deactivated_at)}};
}

json::object to_json(const UserToken& token) {
  return {{"id", token.id},
          {"name", token.name},
          {"createdAt", base::format(token.created_at)},
          {"lastUsedAt", time_or_null(token.last_used_at)},
          {"expiresAt", time_or_null(token.expires_at)}};
}

}  // namespace omakase::model
