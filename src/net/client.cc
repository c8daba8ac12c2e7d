#include "net/client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>

#include "base/text.h"

namespace omakase::net {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using runtime::error_code;
using runtime::use_tuple;

constexpr std::uint64_t kMaxBodyBytes = 64 * 1024 * 1024;

struct Exchange {
  explicit Exchange(runtime::Executor executor) : stream(std::move(executor)) {}

  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
};

base::Failure unavailable(const std::string& url, const error_code& ec) {
  if (ec == beast::error::timeout) return base::fail(base::ErrorKind::kTimedOut, "timed_out", url + " did not answer in time.");
  return base::fail(base::ErrorKind::kUnavailable, "connect_failed", "Cannot reach " + url + ": " + ec.message() + ".");
}

http::verb verb_of(Method method) { return http::string_to_verb(beast::string_view(text(method).data(), text(method).size())); }

http::request<http::string_body> to_message(const ClientRequest& request, const std::string& target, const std::string& host) {
  http::request<http::string_body> message{verb_of(request.method), target, 11};
  message.set(http::field::host, host);
  message.set(http::field::connection, "close");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  if (!request.body.empty() || request.method == Method::kPost || request.method == Method::kPatch) {
    if (message.find(http::field::content_type) == message.end()) message.set(http::field::content_type, "application/json");
    message.body() = request.body;
  }
  message.prepare_payload();
  return message;
}

// Connects, sends the request and reads the answer's head.
Task<Result<ClientResponse>> begin(Exchange& exchange, const ClientRequest& request, runtime::Duration limit) {
  const auto url = boost::urls::parse_uri(boost::core::string_view(request.url.data(), request.url.size()));
  if (!url || url->scheme() != "http")
    co_return base::invalid("bad_url", "\"" + request.url + "\" is not an http:// address.", "url");
  const std::string name(url->host_address());
  const std::string port = url->has_port() ? std::string(std::string_view(url->port())) : "80";
  std::string target(std::string_view(url->encoded_path()));
  if (target.empty()) target = "/";
  if (url->has_query()) target += "?" + std::string(std::string_view(url->encoded_query()));

  tcp::resolver resolver(exchange.stream.get_executor());
  auto [resolve_error, endpoints] = co_await resolver.async_resolve(name, port, use_tuple);
  if (resolve_error) co_return unavailable(request.url, resolve_error);
  exchange.stream.expires_after(limit);
  auto [connect_error, endpoint] = co_await exchange.stream.async_connect(endpoints, use_tuple);
  if (connect_error) co_return unavailable(request.url, connect_error);
  auto message = to_message(request, target, std::string(std::string_view(url->encoded_host_and_port())));
  auto [write_error, written] = co_await http::async_write(exchange.stream, message, use_tuple);
  if (write_error) co_return unavailable(request.url, write_error);
  exchange.parser.body_limit(boost::none);
  exchange.parser.skip(request.method == Method::kHead);
  auto [read_error, read] = co_await http::async_read_header(exchange.stream, exchange.buffer, exchange.parser, use_tuple);
  if (read_error) co_return unavailable(request.url, read_error);

  ClientResponse response;
  response.status = static_cast<int>(exchange.parser.get().result_int());
  for (const auto& field : exchange.parser.get()) {
    response.headers.emplace_back(std::string_view(field.name_string()), std::string_view(field.value()));
  }
  co_return response;
}

// Reads the body piece by piece; an error is a cut in its middle or a silence that is too long.
Task<Result<void>> read_body(Exchange& exchange, const std::string& url, const std::function<bool(std::string_view)>& on_data,
                             std::optional<runtime::Duration> idle_limit) {
  std::array<char, 16 * 1024> piece;
  while (!exchange.parser.is_done()) {
    exchange.parser.get().body().data = piece.data();
    exchange.parser.get().body().size = piece.size();
    if (idle_limit) exchange.stream.expires_after(*idle_limit);
    auto [ec, n] = co_await http::async_read_some(exchange.stream, exchange.buffer, exchange.parser, use_tuple);
    if (ec == http::error::need_buffer) ec = {};
    const std::size_t got = piece.size() - exchange.parser.get().body().size;
    if (got > 0 && !on_data(std::string_view(piece.data(), got))) co_return Result<void>();
    if (ec) co_return unavailable(url, ec);
  }
  co_return Result<void>();
}

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (base::equal_ignoring_case(key, name)) return value;
  }
  return {};
}

Task<Result<ClientResponse>> fetch(ClientRequest request, runtime::Duration limit) {
  Exchange exchange(co_await asio::this_coro::executor);
  OMAKASE_CO_TRY(ClientResponse response, co_await begin(exchange, request, limit));
  bool too_large = false;
  OMAKASE_CO_CHECK(co_await read_body(
      exchange, request.url,
      [&](std::string_view data) {
        too_large = response.body.size() + data.size() > kMaxBodyBytes;
        if (!too_large) response.body += data;
        return !too_large;
      },
      std::nullopt));
  if (too_large)
    co_return base::fail(base::ErrorKind::kTooLarge, "answer_too_large",
                         "The answer of " + request.url + " is larger than 64 MiB.");
  co_return response;
}

Task<Result<ClientResponse>> fetch_stream(ClientRequest request, std::function<bool(std::string_view)> on_data,
                                          runtime::Duration idle_limit) {
  Exchange exchange(co_await asio::this_coro::executor);
  OMAKASE_CO_TRY(ClientResponse response, co_await begin(exchange, request, idle_limit));
  OMAKASE_CO_CHECK(co_await read_body(exchange, request.url, on_data, idle_limit));
  co_return response;
}

}  // namespace omakase::net
