// A small HTTP/1.1 client for plain-text addresses: the command line, the practice model's check, tests. One connection a call.
// Lives on the Loop. Errors: kInvalid bad_url; kUnavailable connect_failed; kTimedOut.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace omakase::net {

struct ClientRequest {
  Method method = Method::kGet;
  std::string url;  // "http://127.0.0.1:7777/api/projects"
  std::vector<Header> headers;
  std::string body;  // sent as application/json unless `headers` names another type
};

struct ClientResponse {
  int status = 0;
  std::vector<Header> headers;
  std::string body;  // empty when it was streamed

  std::string_view header(std::string_view name) const;
};

// The whole answer, of at most 64 MiB.
Task<Result<ClientResponse>> fetch(ClientRequest request, runtime::Duration limit);

// Gives the body in pieces as it comes, until it ends or `on_data` returns false. `idle_limit` is the longest silence.
Task<Result<ClientResponse>> fetch_stream(ClientRequest request, std::function<bool(std::string_view)> on_data,
                                          runtime::Duration idle_limit);

}  // namespace omakase::net
