// One call of a webhook: its body and its signature. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"

namespace omakase::notify {

// What is told: never what was said, only by whom something is wanted, and where.
struct Notice {
  std::string id;     // of this news: a repeat has the same
  std::string event;  // question, error, turn, or test
  std::string words;  // "Nori asks permission"
  std::string project_id;
  std::string project_name;
  std::string agent_name;  // "" of a test, as the two below
  std::string run_id;
  std::string thread_id;
  base::Timestamp at;
};

// {id, event, text, project: {id, name}, agent, runId, threadId, link, timestamp}; `text` is a sentence that a chat can show as
// it is.
std::string body_of(const Notice& notice, std::string_view base_url);

// "/projects/p/threads/t": where it is on the page.
std::string path_of(const Notice& notice);

// "sha256=" and the HMAC-SHA256 of the body in hexadecimal digits.
std::string signature_of(std::string_view body, std::string_view secret);

// Whether it is worth another try: no answer (0), a server that is busy or broken.
bool may_pass(int status);

}  // namespace omakase::notify
