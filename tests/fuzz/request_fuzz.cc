// Whatever bytes come as a request: it is read or refused, the same in whatever pieces it comes; and what is read Beast reads,
// too, with the same method, fields and body. So this server is never more lenient than a library that many programs use.
#include <boost/beast/http.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/client_address.h"
#include "net/request_body.h"
#include "net/request_head.h"

namespace omakase {
namespace {
namespace http = boost::beast::http;

constexpr std::size_t kMaxBody = 64 * 1024;

void must(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  int status = 0;  // of the refusal; 0: none
  bool whole = false;
  net::RequestHead head;
  std::size_t end = 0;  // where the next request begins
};

Outcome read(std::string_view bytes, std::size_t piece) {
  Outcome outcome;
  net::HeadReader reader;
  std::size_t seen = 0;
  for (;;) {
    const auto length = reader.read(bytes.substr(0, seen));
    if (!length) return outcome.status = length.error().status, outcome;
    if (*length) {
      outcome.end = **length;
      break;
    }
    if (seen == bytes.size()) return outcome;
    seen = std::min(seen + piece, bytes.size());
  }
  outcome.head = std::move(reader.head());
  net::BodyReader body(outcome.head, kMaxBody);
  for (;;) {
    const auto used = body.read(bytes.substr(outcome.end, seen - outcome.end), outcome.head.request.body);
    if (!used) return outcome.status = used.error().status, outcome;
    must(*used <= seen - outcome.end && outcome.head.request.body.size() <= kMaxBody);
    outcome.end += *used;
    if (body.done()) break;
    if (seen == bytes.size()) return outcome;
    seen = std::min(seen + piece, bytes.size());
  }
  outcome.whole = true;
  return outcome;
}

void check_promises(const net::RequestHead& head) {
  const net::Request& request = head.request;
  must(!request.path.empty() && request.target.find_first_of("# \t\r\n") == std::string::npos);
  must(!head.chunked || head.content_length == 0);
  for (const auto& [name, value] : request.headers) {
    must(!name.empty() && name.find_first_of(" \t\r\n:") == std::string::npos);
    must(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
  }
  for (const char* name : {"since", "limit", "a", ""}) static_cast<void>(request.parameter(name));
  static_cast<void>(request.cookie("omakase_1"));
  const net::Network everybody = *net::Network::parse("0.0.0.0/0");
  static_cast<void>(net::client_address(*net::parse_address("10.0.0.1"), request.headers, {&everybody, 1}));
}

void compare_with_beast(std::string_view bytes, const net::RequestHead& ours) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // the one empty line that may come first
  http::request_parser<http::string_body> parser;
  parser.header_limit(64 * 1024);
  parser.body_limit(kMaxBody);
  parser.eager(true);
  boost::beast::error_code ec;
  for (std::string_view rest = bytes; !ec && !parser.is_done();) {
    const std::size_t used = parser.put(boost::asio::buffer(rest), ec);
    rest.remove_prefix(used);
    if (!ec && used == 0 && rest.empty()) ec = http::error::need_more;
  }
  // Where Beast is the stricter one: the grammar of fields and extensions that we do not act on.
  if (ec == http::error::bad_value || ec == http::error::bad_chunk_extension) return;
  must(!ec);
  const auto& theirs = parser.get();
  const bool known = ours.request.method != net::Method::kOther;
  must(!known || std::string_view(theirs.method_string()) == net::text(ours.request.method));
  must(std::string_view(theirs.target()).ends_with(ours.request.target) || ours.request.path == "/");
  must(theirs.body() == ours.request.body);
  // Beast heeds Proxy-Connection, too.
  must(theirs.keep_alive() || !ours.keep_alive || theirs.count(http::field::proxy_connection) > 0);
  for (const auto& [name, value] : ours.request.headers) {
    if (boost::beast::iequals(name, "Host")) continue;  // an absolute address replaces it
    const auto [first, last] = theirs.equal_range(name);
    must(std::any_of(first, last, [&](const auto& field) { return std::string_view(field.value()) == value; }));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read(bytes, std::max<std::size_t>(size, 1));
  const Outcome pieces = read(bytes, 1);
  must(whole.status == pieces.status && whole.whole == pieces.whole);
  if (whole.status != 0) return 0;  // how far it was read before does not matter
  must(whole.end == pieces.end);
  must(whole.head.request.headers == pieces.head.request.headers && whole.head.request.body == pieces.head.request.body);
  if (!whole.whole) return 0;
  check_promises(whole.head);
  compare_with_beast(bytes.substr(0, whole.end), whole.head);
  return 0;
}

}  // namespace omakase
