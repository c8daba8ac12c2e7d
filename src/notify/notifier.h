// Calls the webhooks of projects, and tells browsers, when there is news. Owned by app/; lives on the Loop's thread. A call that
// fails is made again with growing pauses (pauses.h); how the last one ended is kept with the webhook. What is due when the
// server stops is not made: what is asked is still asked, and on the page. No more than kMaxDue calls are due at once; the newest
// give way.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "feed/feed.h"
#include "net/outbound.h"
#include "notify/browsers.h"
#include "notify/delivery.h"
#include "runtime/task_group.h"
#include "store/catalog.h"
#include "store/secret_box.h"

namespace omakase::notify {

using base::Result;
using runtime::Task;

struct NotifierCounts {
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;   // given up
  std::uint64_t dropped = 0;  // too many were due
};

class Notifier {
 public:
  static constexpr std::size_t kMaxDue = 256;

  struct Services {
    runtime::Executor executor;
    const base::Clock& clock;
    store::Catalog& catalog;
    store::People& people;
    const store::SecretBox& secrets;
    feed::Feed& feed;
  };

  // `base_url` is where people reach the server; `environment` the way out (Outbound).
  Notifier(Services services, std::string base_url, std::vector<std::string> environment);
  ~Notifier();

  // One call, now, whatever the webhook is for: how it ended. kNotFound webhook_not_found, project_not_found.
  Task<Result<model::Webhook::Delivery>> test(std::string project_id);

  Browsers& browsers() { return browsers_; }

  const NotifierCounts& counts() const { return counts_; }
  const BrowserCounts& browser_counts() const { return browsers_.counts(); }

  Task<> stop();

 private:
  void on_standing(const feed::Standing& now);
  Task<> tell(Notice notice, model::NewsKind kind);
  Task<> deliver(Notice notice, model::Webhook webhook);
  Task<model::Webhook::Delivery> call(const Notice& notice, const model::Webhook& webhook, int& status);
  Task<> keep(const std::string& project_id, const model::Webhook::Delivery& delivery);

  Services services_;
  std::string base_url_;
  net::Outbound outbound_;
  runtime::TaskGroup tasks_;
  Browsers browsers_;
  std::unordered_map<std::string, feed::Standing> known_;  // by run, of those that have not ended
  NotifierCounts counts_;
};

}  // namespace omakase::notify
