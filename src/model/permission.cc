#include "model/permission.h"

namespace omakase::model {

json::object to_json(const Permission& permission) {
  json::object object{{"requestId", permission.request_id},
                      {"runId", permission.run_id},
                      {"kind", word(permission.kind)},
                      {"tool", permission.tool},
                      {"toolUseId", permission.tool_use_id},
                      {"input", permission.input},
                      {"status", word(permission.status)},
                      {"requestedAt", base::format(permission.requested_at)},
                      {"expiresAt", base::format(permission.expires_at)}};
  if (permission.description) object["description"] = *permission.description;
  if (permission.reason) object["reason"] = *permission.reason;
  if (permission.answered_at) object["answeredAt"] = base::format(*permission.answered_at);
  if (permission.scope) object["scope"] = word(*permission.scope);
  if (permission.automatic) object["automatic"] = true;
  if (permission.message) object["message"] = *permission.message;
  if (permission.answers) object["answers"] = *permission.answers;
  return object;
}

}  // namespace omakase::model
