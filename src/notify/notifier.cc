#include "notify/notifier.h"

#include <algorithm>
#include <chrono>

#include "base/ids.h"
#include "base/log.h"
#include "notify/news.h"
#include "notify/pauses.h"

namespace omakase::notify {

namespace {

using std::chrono_literals::operator""s;

constexpr auto kHeadLimit = 10s;

std::string_view display_name(const std::string& agent_name) {
  const model::Agent* agent = model::find_agent(agent_name);
  return agent ? agent->display_name : std::string_view(agent_name);
}

// Whom push services turn to.
std::string subject_of(const std::string& base_url) {
  return base_url.starts_with("https://") ? base_url : "mailto:omakase@localhost";
}

}  // namespace

Notifier::Notifier(Services services, std::string base_url, std::vector<std::string> environment)
    : services_(services),
      base_url_(std::move(base_url)),
      outbound_(services_.executor, std::move(environment)),
      tasks_(services_.executor),
      browsers_({services_.clock, services_.people, services_.secrets, outbound_, tasks_}, subject_of(base_url_)) {
  services_.feed.watch([this](const feed::Standing& now) { on_standing(now); });
}

Notifier::~Notifier() { services_.feed.watch(nullptr); }

void Notifier::on_standing(const feed::Standing& now) {
  const auto known = known_.find(now.run_id);
  const auto news =
      news_of(known == known_.end() ? std::nullopt : std::optional(known->second), now, display_name(now.agent_name));
  if (model::is_active(now.status)) {
    known_[now.run_id] = now;
  } else {
    known_.erase(now.run_id);
  }
  if (!news) return;
  if (tasks_.size() >= kMaxDue) {
    ++counts_.dropped;
    base::log_warn("too much news is on its way: some is left out", {{"project", now.project_id}});
    return;
  }
  const base::Timestamp at = services_.clock.now();
  Notice notice{.id = base::new_ulid(at),
                .event = std::string(model::word(news->kind)),
                .words = news->words,
                .project_id = now.project_id,
                .agent_name = now.agent_name,
                .run_id = now.run_id,
                .thread_id = now.thread_id,
                .at = at};
  tasks_.spawn("news", tell(std::move(notice), news->kind));
}

Task<> Notifier::tell(Notice notice, model::NewsKind kind) {
  const auto project = co_await services_.catalog.project(notice.project_id);
  if (!project || !*project) co_return;
  notice.project_name = (*project)->project.name;
  tasks_.spawn("push", browsers_.tell(notice, kind));
  const auto webhook = co_await services_.catalog.webhook(notice.project_id);
  if (!webhook || !*webhook || std::ranges::find((*webhook)->kinds, kind) == (*webhook)->kinds.end()) co_return;
  co_await deliver(std::move(notice), **webhook);
}

Task<> Notifier::deliver(Notice notice, model::Webhook webhook) {
  Pauses pauses(services_.clock);
  for (;;) {
    int status = 0;
    const auto delivery = co_await call(notice, webhook, status);
    if (!delivery.delivered && may_pass(status) && co_await pauses.next()) continue;
    ++(delivery.delivered ? counts_.delivered : counts_.failed);
    co_return co_await keep(notice.project_id, delivery);
  }
}

Task<model::Webhook::Delivery> Notifier::call(const Notice& notice, const model::Webhook& webhook, int& status) {
  model::Webhook::Delivery delivery{.at = services_.clock.now()};
  const auto secret = services_.secrets.open(webhook.sealed_secret, {notice.project_id, store::kWebhookSecretName});
  if (!secret) {
    status = 400;
    delivery.detail = "its secret cannot be read any more; save the webhook again";
    co_return delivery;
  }
  net::OutboundRequest request{.url = webhook.url, .body = body_of(notice, base_url_), .head_limit = kHeadLimit};
  request.headers = {{"Content-Type", "application/json"},
                     {"User-Agent", "Omakase"},
                     {"X-Omakase-Event", notice.event},
                     {"X-Omakase-Delivery", notice.id},
                     {"X-Omakase-Signature", signature_of(request.body, *secret)}};
  // What the answer says beyond its status is not read.
  const auto answer = co_await outbound_.call(std::move(request));
  if (answer) status = (*answer)->status();
  delivery.delivered = status >= 200 && status < 300;
  delivery.detail = answer ? "answered " + std::to_string(status) : answer.error().detail;
  co_return delivery;
}

Task<> Notifier::keep(const std::string& project_id, const model::Webhook::Delivery& delivery) {
  if (!delivery.delivered) base::log_warn("a webhook was not reached", {{"project", project_id}, {"why", delivery.detail}});
  const auto kept = co_await services_.catalog.set_webhook_delivery(project_id, delivery);
  if (!kept) base::log_warn("how a webhook went was not kept", {{"project", project_id}, {"error", kept.error().detail}});
}

Task<Result<model::Webhook::Delivery>> Notifier::test(std::string project_id) {
  OMAKASE_CO_TRY(const auto project, co_await services_.catalog.project(project_id));
  if (!project) co_return base::not_found("project_not_found", "There is no project with this id.");
  OMAKASE_CO_TRY(const auto webhook, co_await services_.catalog.webhook(project_id));
  if (!webhook) co_return base::not_found("webhook_not_found", "The project has no webhook.");
  const base::Timestamp at = services_.clock.now();
  const Notice notice{.id = base::new_ulid(at),
                      .event = "test",
                      .words = "This is a test of the webhook, nothing happened",
                      .project_id = project_id,
                      .project_name = project->project.name,
                      .at = at};
  int status = 0;
  const auto delivery = co_await call(notice, *webhook, status);
  co_await keep(project_id, delivery);
  co_return delivery;
}

Task<> Notifier::stop() {
  services_.feed.watch(nullptr);
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace omakase::notify
