// A person who may come in, and the tokens of their programs, with their JSON forms. Values only; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "model/words.h"

namespace omakase::model {

namespace json = boost::json;
using base::Timestamp;

// The first administrator, who is there from the beginning: whoever runs the server.
inline constexpr std::string_view kOperatorId = "admin";

struct User {
  std::string id;
  std::string name;
  UserRole role = UserRole::kViewer;
  Timestamp created_at;
  std::optional<Timestamp> deactivated_at;
};

// With it a program calls as its person. Only a hash of it is kept.
struct UserToken {
  std::string id;
  std::string user_id;  // not in its JSON: everybody sees only their own
  std::string name;
  std::string hash;
  Timestamp created_at;
  std::optional<Timestamp> last_used_at;
  std::optional<Timestamp> expires_at;
};

json::object to_json(const User& user);
json::object to_json(const UserToken& token);

}  // namespace omakase::model
