// Tells browsers through their push services, each sealed for it alone. Owned by the Notifier; lives on the Loop's thread. A push
// service that is away is asked again as a webhook is; a browser that is gone (404, 410) is forgotten.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/outbound.h"
#include "notify/delivery.h"
#include "notify/web_push.h"
#include "runtime/task_group.h"
#include "store/people.h"
#include "store/secret_box.h"

namespace omakase::notify {

using runtime::Task;

struct BrowserCounts {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;  // given up
  std::uint64_t gone = 0;    // forgotten
};

class Browsers {
 public:
  struct Services {
    const base::Clock& clock;
    store::People& people;
    const store::SecretBox& secrets;
    net::Outbound& outbound;
    runtime::TaskGroup& tasks;
  };

  // `subject` is whom a push service can turn to: an https or mailto address.
  Browsers(Services services, std::string subject) : services_(services), subject_(std::move(subject)) {}

  // In base64url: what a browser subscribes with. The key is made at its first use and kept, sealed.
  Task<Result<std::string>> public_key();

  // Starts a call for each browser that is to be told.
  Task<> tell(Notice notice, model::NewsKind kind);

  const BrowserCounts& counts() const { return counts_; }

 private:
  Task<Result<void>> load_key();
  Task<> deliver(std::string payload, std::string topic, bool urgent, model::PushSubscription browser);
  Task<int> call(const std::string& payload, const std::string& topic, bool urgent, const model::PushSubscription& browser);

  Services services_;
  std::string subject_;
  std::optional<PushKey> key_;
  BrowserCounts counts_;
};

// What a browser gave, as bytes. kInvalid bad_key when they are no keys.
Result<PushReader> read_push_reader(std::string_view p256dh, std::string_view auth);

}  // namespace omakase::notify
