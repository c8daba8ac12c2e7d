#include "practice/request_log.h"

#include <array>

#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"

namespace omakase::practice {

namespace {

constexpr std::size_t kKept = 1000;
constexpr std::array<std::string_view, 5> kHeaders = {"user-agent", "anthropic-version", "x-claude-code-session-id",
                                                      "x-stainless-retry-count", "x-omakase-run"};

json::object headers_of(const net::Request& request) {
  json::object headers;
  for (std::string_view name : kHeaders) {
    if (const std::string_view value = request.header(name); !value.empty()) headers[name] = base::scrub_utf8(value);
  }
  return headers;
}

}  // namespace

RequestLog::RequestLog(const std::string& path) {
  if (path.empty()) return;
  file_.open(path, std::ios::app);
  if (!file_) base::log_warn("the log of requests cannot be written", {{"path", path}});
}

std::shared_ptr<Asked> RequestLog::add(const net::Request& request, const Conversation& conversation, base::Timestamp now) {
  auto asked = std::make_shared<Asked>();
  const bool key = !request.header("x-api-key").empty() || !request.header("authorization").empty();
  json::array steered(conversation.steered.begin(), conversation.steered.end());
  asked->entry = {{"n", ++count_},
                  {"at", base::format(now)},
                  {"model", conversation.model},
                  {"systemHash", base::sha256_hex(conversation.system)},
                  {"systemBytes", conversation.system.size()},
                  {"userText", conversation.asked},
                  {"steered", std::move(steered)},
                  {"step", conversation.step},
                  {"stream", conversation.stream},
                  {"apiKeyPresent", key},
                  {"bytes", request.body.size()},
                  {"headers", headers_of(request)}};
  if (file_) file_ << json::serialize(asked->entry) << std::endl;
  asked_.push_back(asked);
  if (asked_.size() > kKept) asked_.pop_front();
  last_body_ = request.body;
  return asked;
}

std::string RequestLog::to_json(bool full) const {
  json::array all;
  for (const auto& asked : asked_) {
    json::object entry = asked->entry;
    entry["state"] = asked->state;
    entry["status"] = asked->status;
    if (!asked->held_by.empty()) entry["heldBy"] = asked->held_by;
    all.emplace_back(std::move(entry));
  }
  // It was parsed before it was added.
  if (full && !all.empty()) all.back().as_object()["body"] = base::parse_json(last_body_).value_or(nullptr);
  return json::serialize(all);
}

}  // namespace omakase::practice
