// Calls to servers elsewhere, https and http, their answers streamed: libcurl's multi interface on the Loop. Lives on the Loop's
// thread; owned by who makes the calls, and outlives them. Nothing is followed, retried or buffered beyond kMaxUnread: a reader
// that is slow holds up the sender. What an answer says is hostile. The library and the certificates are loaded by the first
// call. Source: https://curl.se/libcurl/c/libcurl-multi.html
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/http.h"

namespace omakase::net {

struct OutboundRequest {
  Method method = Method::kPost;
  std::string url;  // http:// or https://
  std::vector<Header> headers;
  std::string body;
  runtime::Duration connect_limit = std::chrono::seconds(10);
  runtime::Duration head_limit = std::chrono::seconds(60);  // from the start to the answer's head
  runtime::Duration idle_limit = std::chrono::seconds(60);  // of silence within its body, while somebody reads
};

class Outbound {
 public:
  static constexpr std::size_t kMaxUnread = std::size_t{256} << 10;

  // `environment` holds the way out as curl knows it: "HTTPS_PROXY=...", "NO_PROXY=...", "SSL_CERT_FILE=...". Loopback addresses
  // are never asked through a proxy.
  Outbound(runtime::Executor executor, std::vector<std::string> environment);
  ~Outbound();

  class Answer;

  // Sends the request and waits for the head of its answer. kUnavailable `unreachable` (name, connection), `untrusted`
  // (its certificate); kTimedOut `no_answer`; kInvalid `bad_url`.
  Task<Result<std::unique_ptr<Answer>>> call(OutboundRequest request);

 private:
  class Multi;
  struct Transfer;
  std::shared_ptr<Multi> multi_;
};

// One answer being read; destroying it ends the call.
class Outbound::Answer {
 public:
  ~Answer();

  int status() const;
  const std::vector<Header>& headers() const;
  std::string_view header(std::string_view name) const;  // the first of that name, any case, or ""

  // What has come since, at least a byte, or "" at the end. kTimedOut `silent`; kUnavailable `cut` when it ended before its end.
  Task<Result<std::string>> read();

 private:
  friend class Outbound;
  explicit Answer(std::unique_ptr<Transfer> transfer);
  std::unique_ptr<Transfer> transfer_;
};

}  // namespace omakase::net
