// What the practice model was asked so far, for tests and for the curious: the last 1,000 requests, and the body of the last one.
// Lives on the model's Loop. Owned by the PracticeModel; an entry stays valid as long as its answer holds it.
#pragma once

#include <cstdint>
#include <deque>
#include <fstream>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/http.h"
#include "practice/conversation.h"

namespace omakase::practice {

// How far the answer to a request is.
struct Asked {
  json::object entry;               // what GET /practice/requests shows of the request
  std::string state = "answering";  // answered | refused | failed | held | hanging | cut | gone
  std::string held_by;              // while held: the name that is waited for
  int status = 200;
};

class RequestLog {
 public:
  // With a path, each request is also written there when it comes, one JSON object a line.
  explicit RequestLog(const std::string& path);

  std::shared_ptr<Asked> add(const net::Request& request, const Conversation& conversation, base::Timestamp now);

  // The array; when `full`, its last element has the whole body.
  std::string to_json(bool full) const;

 private:
  std::deque<std::shared_ptr<Asked>> asked_;
  std::string last_body_;
  std::int64_t count_ = 0;
  std::ofstream file_;
};

}  // namespace omakase::practice
