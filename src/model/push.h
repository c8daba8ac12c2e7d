// A browser that a person wants told through its push service, with its JSON form. Values only; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"
#include "model/webhook.h"

namespace omakase::model {

namespace json = boost::json;

struct PushSubscription {
  std::string id;
  std::string user_id;   // not in its JSON: everybody sees only their own
  std::string endpoint;  // of the push service; not in its JSON: whoever knows it could guess at the browser
  std::string p256dh;    // the browser's public key, 65 bytes in base64url; not in its JSON, nor the next
  std::string auth;      // 16 bytes in base64url
  std::vector<NewsKind> kinds;
  std::string browser;  // as it calls itself, cut
  base::Timestamp created_at;
};

// Whether pushes may be sent to this address: over https to one of the browsers' own services, or to one of `more` (the
// beginnings of addresses that the operator named). Anything else would let people make the server call what they like.
base::Result<void> check_push_endpoint(std::string_view endpoint, const std::vector<std::string>& more);

json::object to_json(const PushSubscription& subscription);

}  // namespace omakase::model
