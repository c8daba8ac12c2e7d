#include "runner/relay.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/digest.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/text.h"
#include "runner/usage_meter.h"

namespace omakase::runner {

namespace {

using base::Result;
using net::Method;
using net::Request;
using net::Response;
using runtime::Task;
using std::chrono_literals::operator""s;

constexpr std::string_view kMessages = "/v1/messages";
constexpr std::string_view kCountTokens = "/v1/messages/count_tokens";
constexpr auto kConnectLimit = 10s;
constexpr std::size_t kMaxError = std::size_t{4} << 10;
constexpr const char* kNameTheCa =
    "If its certificate comes from a CA of your own, name the CA's file in SSL_CERT_FILE and restart the server.";

// An error in the form in which the Messages API tells one, so that the agent shows its words.
Response api_error(int status, std::string_view type, std::string_view message) {
  return net::json_response(
      status, base::json::serialize(base::json::object{{"type", "error"}, {"error", {{"type", type}, {"message", message}}}}));
}

bool named(std::string_view name, std::initializer_list<std::string_view> names,
           std::initializer_list<std::string_view> beginnings) {
  const std::string lower = base::lower_ascii(name);
  return std::ranges::find(names, lower) != names.end() ||
         std::ranges::any_of(beginnings, [&](std::string_view beginning) { return lower.starts_with(beginning); });
}

// What an agent tells its model about the request. Nothing about connections, and no credentials but ours.
bool goes_out(std::string_view name) {
  return named(name, {"accept", "content-type", "user-agent", "x-app"}, {"anthropic-", "x-stainless-", "x-claude-code-"});
}

bool comes_back(std::string_view name) {
  return named(name, {"request-id", "retry-after", "retry-after-ms", "x-should-retry"}, {"anthropic-"});
}

bool starts_ignoring_case(std::string_view text, std::string_view beginning) {
  return base::equal_ignoring_case(text.substr(0, beginning.size()), beginning);
}

std::vector<std::pair<std::string, std::string>> as_hidden(const ModelUpstream& upstream) {
  std::vector<std::pair<std::string, std::string>> values;
  values.reserve(upstream.credentials.size());
  for (const auto& [name, value] : upstream.credentials) {
    values.emplace_back("key", starts_ignoring_case(value, "bearer ") ? value.substr(7) : value);
  }
  return values;
}

std::string seconds(std::chrono::milliseconds limit) { return std::to_string((limit.count() + 999) / 1000) + " s"; }

}  // namespace

// One call from its beginning to its note, which is written however it ends.
struct Relay::Call {
  Call(Relay& on, std::string call_id, std::string model) : relay(on) {
    ended.id = std::move(call_id);
    ended.model = std::move(model);
    ended.started_micros = relay.clock_.now().micros;
    relay.note(note::ModelCallStarted{ended.id});
  }
  ~Call() {
    const UsageMeter::Usage& usage = meter.usage();
    if (!usage.model.empty()) ended.model = usage.model;
    ended.input_tokens = usage.input_tokens;
    ended.output_tokens = usage.output_tokens;
    ended.cache_read_tokens = usage.cache_read_tokens;
    ended.cache_write_tokens = usage.cache_write_tokens;
    ended.ended_micros = relay.clock_.now().micros;
    if (ended.error.empty()) ended.error = usage.error;
    if (ended.error.empty() && !passed_on) ended.error = "The agent hung up.";
    ended.model = relay.key_.scrub(ended.model);
    ended.error = base::utf8_prefix(relay.key_.scrub(ended.error), kMaxError);
    relay.note(std::move(ended));
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Relay& relay;
  note::ModelCall ended;
  UsageMeter meter;
  bool passed_on = false;  // to its end, whatever that was
};

Relay::Relay(runtime::Executor executor, const base::Clock& clock, const RelaySpec& spec, ModelUpstream upstream,
             const Scrubber& hidden, Spool& spool)
    : clock_(clock),
      spec_(spec),
      upstream_(std::move(upstream)),
      hidden_(hidden),
      key_(as_hidden(upstream_)),
      spool_(spool),
      token_("omr_" + base::new_secret(32)),
      outbound_(executor, upstream_.proxies),
      notes_(executor),
      server_(executor, [this](Request& request) { return handle(request); },
              {.max_body_bytes = kMaxRequest,
               .max_connections = kMaxConnections,
               .refuse = [this](const Request& head) { return refuse(head); },
               .end_with_client = true}) {
  if (upstream_.url.ends_with('/')) upstream_.url.pop_back();
}

Result<void> Relay::listen() { return server_.listen("127.0.0.1", 0); }
Result<void> Relay::listen_on(process::Fd socket) { return server_.listen_on(socket.release()); }

process::Environment Relay::environment(std::uint16_t port) const {
  return {spec_.url_variable + "=http://127.0.0.1:" + std::to_string(port), spec_.token_variable + "=" + token_};
}

void Relay::stop() { server_.stop(); }

Task<> Relay::join() {
  co_await server_.join();
  co_await notes_.join();
}

void Relay::note(Note note) {
  notes_.spawn("note of a model call",
               [](Spool& spool, Note written) -> Task<> { co_await spool.append(written); }(spool_, std::move(note)));
}

bool Relay::knows_token(const Request& request) const {
  const std::string_view bearer = request.header("authorization");
  return base::equal_in_constant_time(request.header("x-api-key"), token_) ||
         (starts_ignoring_case(bearer, "bearer ") && base::equal_in_constant_time(bearer.substr(7), token_));
}

// Before the body is read: a stranger's body is not.
std::optional<Response> Relay::refuse(const Request& head) const {
  if (head.method == Method::kHead && head.path == "/") return std::nullopt;
  if (!knows_token(head)) return api_error(401, "authentication_error", "This address serves one agent only.");
  if (head.path != kMessages && head.path != kCountTokens) {
    return api_error(404, "not_found_error", "The relay passes on calls of the model, nothing else.");
  }
  if (head.method != Method::kPost)
    return api_error(403, "permission_error", "The relay passes on calls of the model, nothing else.");
  std::size_t length = 0;
  const std::string_view digits = head.header("content-length");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error == std::errc::result_out_of_range || length > kMaxRequest) {
    return api_error(413, "request_too_large", "The request is larger than 32 MiB.");
  }
  return std::nullopt;
}

Task<Response> Relay::handle(Request& request) {
  // An agent warms its connection up with this.
  if (request.method == Method::kHead) co_return net::empty_response(200);
  co_return co_await pass_on(request);
}

net::OutboundRequest Relay::outgoing(const Request& request) const {
  net::OutboundRequest out{.method = Method::kPost,
                           .url = upstream_.url + request.target,
                           .headers = upstream_.credentials,
                           .body = hidden_.scrub(request.body),
                           .connect_limit = kConnectLimit,
                           .head_limit = spec_.head,
                           .idle_limit = spec_.idle};
  for (const auto& [name, value] : request.headers) {
    if (goes_out(name)) out.headers.emplace_back(name, value);
  }
  // Tokens are counted from what passes by.
  out.headers.emplace_back("accept-encoding", "identity");
  return out;
}

Task<Response> Relay::pass_on(Request& request) {
  // Counting tokens costs none.
  const auto call =
      request.path == kMessages ? std::make_shared<Call>(*this, request.request_id, requested_model(request.body)) : nullptr;
  net::OutboundRequest out = outgoing(request);
  request.body = {};
  auto answer = co_await outbound_.call(std::move(out));
  if (!answer) {
    const bool late = answer.error().kind == base::ErrorKind::kTimedOut;
    const bool distrust = answer.error().code == "untrusted";
    std::string why = late ? "The model did not begin to answer within " + seconds(spec_.head) + "."
                           : "The model cannot be reached: " + key_.scrub(answer.error().detail);
    if (distrust) why += std::string(" ") + kNameTheCa;
    if (call) call->ended.error = why;
    Response response = api_error(late ? 504 : 502, late ? "timeout_error" : "api_error", why);
    // To ask again helps nobody: a person has to do something.
    if (distrust) response.with("x-should-retry", "false");
    co_return response;
  }
  if (call) call->ended.status = (*answer)->status();
  const bool events = (*answer)->status() == 200 && (*answer)->header("content-type").starts_with("text/event-stream");
  if (call && events) co_return streamed(call, *std::move(answer));
  co_return co_await whole(call, *std::move(answer));
}

Response Relay::answer_head(const Answer& answer) const {
  Response response = net::empty_response(answer.status());
  response.content_type = key_.scrub(answer.header("content-type"));
  for (const auto& [name, value] : answer.headers()) {
    if (comes_back(name)) response.with(name, key_.scrub(value));
  }
  return response;
}

// Errors, and answers that were not asked for as a stream.
Task<Response> Relay::whole(std::shared_ptr<Call> call, std::unique_ptr<Answer> answer) {
  std::string body;
  for (;;) {
    auto piece = co_await answer->read();
    std::string why;
    if (!piece) {
      why = piece.error().kind == base::ErrorKind::kTimedOut ? "The model fell silent for " + seconds(spec_.idle) + "."
                                                             : "The model's answer was cut off.";
    } else if (body.size() + piece->size() > kMaxWholeAnswer) {
      why = "The model's answer is larger than 32 MiB.";
    }
    if (!why.empty()) {
      if (call) call->ended.error = why;
      co_return api_error(502, "api_error", why);
    }
    if (piece->empty()) break;
    body += *piece;
  }
  if (call) {
    call->passed_on = true;
    call->meter.read_message(body);
    if (answer->status() != 200 && call->meter.usage().error.empty()) {
      call->ended.error = "The model answered " + std::to_string(answer->status()) + ".";
    }
  }
  Response response = answer_head(*answer);
  response.body = key_.scrub(body);
  co_return response;
}

Response Relay::streamed(std::shared_ptr<Call> call, std::unique_ptr<Answer> answer) {
  Response response = answer_head(*answer);
  response.producer = [this, call = std::move(call), held = std::shared_ptr<Answer>(std::move(answer))](net::BodyWriter& writer) {
    return stream(*call, *held, writer);
  };
  return response;
}

Task<> Relay::stream(Call& call, Answer& answer, net::BodyWriter& writer) {
  Scrubber::Stream scrubbing(key_);
  std::string last;  // what was passed on last: a whole event, as a rule
  for (;;) {
    auto piece = co_await answer.read();
    if (!piece) {
      const bool silent = piece.error().kind == base::ErrorKind::kTimedOut;
      call.ended.error = silent ? "The model fell silent for " + seconds(spec_.idle) + " in the middle of its answer."
                                : "The model's answer was cut off.";
      // In the middle of an event nothing can be said any more.
      if (!last.ends_with("\n\n")) co_return writer.abort();
      const Response error = api_error(502, "api_error", call.ended.error);
      co_await writer.write("event: error\ndata: " + error.body + "\n\n");
      co_return;
    }
    std::string passed = piece->empty() ? scrubbing.finish() : scrubbing.push(*piece);
    if (!passed.empty() && !co_await writer.write(passed)) co_return;
    // After it was passed on: counting holds nothing up.
    call.meter.feed_events(*piece);
    if (piece->empty()) {
      call.passed_on = true;
      if (!call.meter.usage().complete) call.ended.error = "The model's answer ended early.";
      co_return;
    }
    if (!passed.empty()) last = std::move(passed);
  }
}

}  // namespace omakase::runner
