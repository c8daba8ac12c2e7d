#include "notify/delivery.h"

#include "base/digest.h"

namespace omakase::notify {

namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

}  // namespace

std::string path_of(const Notice& notice) {
  std::string path = "/projects/" + notice.project_id;
  if (!notice.thread_id.empty()) path += "/threads/" + notice.thread_id;
  return path;
}

std::string body_of(const Notice& notice, std::string_view base_url) {
  const std::string link = std::string(base_url) + path_of(notice);
  return json::serialize(json::object{{"id", notice.id},
                                      {"event", notice.event},
                                      {"text", notice.words + " in " + notice.project_name + ": " + link},
                                      {"project", {{"id", notice.project_id}, {"name", notice.project_name}}},
                                      {"agent", text_or_null(notice.agent_name)},
                                      {"runId", text_or_null(notice.run_id)},
                                      {"threadId", text_or_null(notice.thread_id)},
                                      {"link", link},
                                      {"timestamp", base::format(notice.at)}});
}

std::string signature_of(std::string_view body, std::string_view secret) {
  return "sha256=" + base::hmac_sha256_hex(body, secret);
}

bool may_pass(int status) { return status == 0 || status == 408 || status == 429 || status >= 500; }

}  // namespace omakase::notify
