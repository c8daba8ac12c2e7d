#include "practice/model.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "base/ids.h"
#include "net/sse.h"
#include "practice/decide.h"
#include "practice/script.h"
#include "runtime/loop.h"

namespace omakase::practice {

namespace {

using std::chrono_literals::operator""s;

constexpr std::size_t kMaxBodyBytes = 32 * 1024 * 1024;
constexpr std::size_t kMaxRemembered = 10'000;  // of scripts, released names and counted failures each
constexpr auto kKeepAlive = 1s;                 // while an answer is held: a sign of life, which also notices a client that left

Response refuse(int status, std::string_view type, std::string_view message, const Request& request) {
  json::object body = error_body(type, message);
  body["request_id"] = "req_" + request.request_id;
  return net::json_response(status, json::serialize(body));
}

Response refuse(const base::Error& error, const Request& request) {
  return refuse(400, "invalid_request_error", error.detail, request);
}

// A page of the web can make a browser send requests here, but not without saying so.
bool from_a_page(const Request& request) {
  std::string_view host = request.header("host");
  host = host.substr(0, host.rfind(':') > host.rfind(']') || !host.starts_with('[') ? host.rfind(':') : host.npos);
  const bool loopback = host == "127.0.0.1" || host == "localhost" || host == "[::1]";
  return !loopback || !request.header("origin").empty();
}

}  // namespace

// An answer on its way.
struct PracticeModel::Playing {
  Answer answer;
  std::shared_ptr<Asked> asked;
  bool stream = true;
};

PracticeModel::PracticeModel(runtime::Executor executor, const base::Clock& clock, const ModelOptions& options)
    : clock_(clock),
      options_(options),
      log_(options.log_path),
      changed_(executor),
      server_(executor, [this](Request& request) { return handle(request); }, {.max_body_bytes = kMaxBodyBytes}) {
  using net::Method;
  router_.add(Method::kGet, "/", &PracticeModel::greet);
  router_.add(Method::kPost, "/v1/messages", &PracticeModel::answer);
  router_.add(Method::kPost, "/v1/messages/count_tokens", &PracticeModel::count_tokens);
  router_.add(Method::kGet, "/practice/requests", &PracticeModel::show_requests);
  router_.add(Method::kPost, "/practice/release", &PracticeModel::release);
  router_.add(Method::kPost, "/practice/script", &PracticeModel::set_script);
}

base::Result<void> PracticeModel::listen(const std::string& address, std::uint16_t port) {
  runtime::error_code ec;
  const auto ip = boost::asio::ip::make_address(address, ec);
  if (ec || !ip.is_loopback())
    return base::invalid("not_loopback", "The practice model listens on loopback only, such as 127.0.0.1:0.", "listen");
  return server_.listen(address, port);
}

void PracticeModel::stop() {
  stopping_ = true;
  server_.stop();
  changed_.notify();
}

Task<Response> PracticeModel::handle(Request& request) {
  if (from_a_page(request)) co_return refuse(403, "permission_error", "Web pages may not talk to the practice model.", request);
  const auto match = router_.find(request.method, request.path);
  if (!match.action) co_return refuse(404, "not_found_error", "There is nothing at this address.", request);
  co_return co_await (this->**match.action)(request);
}

Task<Response> PracticeModel::greet(Request&) {
  co_return net::json_response(200, R"({"service":"Omakase practice model: scripted answers in the form of the Messages API"})");
}

Task<Response> PracticeModel::answer(Request& request) {
  const auto body = base::parse_json_object(request.body);
  if (!body) co_return refuse(body.error(), request);
  const auto conversation = read_conversation(*body);
  if (!conversation) co_return refuse(conversation.error(), request);

  auto playing = std::make_shared<Playing>();
  playing->asked = log_.add(request, *conversation, clock_.now());
  playing->stream = conversation->stream;
  Step step = decide(*conversation, script_for(*conversation));
  settle_failures(step, request, *conversation);
  if (!step.hold_start.empty()) {
    playing->asked->held_by = step.hold_start;
    playing->asked->state = "held";
    while (!released_.contains(step.hold_start) && !stopping_) co_await changed_.wait();
    playing->asked->held_by.clear();
    playing->asked->state = "answering";
  }
  if (step.refusal) {
    playing->asked->state = "refused";
    playing->asked->status = step.refusal->status;
    Response response =
        refuse(step.refusal->status, error_type(step.refusal->status), "The practice model was told to refuse this.", request);
    if (const auto& seconds = step.refusal->retry_after_seconds) response.with("retry-after", std::to_string(*seconds));
    co_return response;
  }
  playing->answer = compose(step, *conversation, request.body.size(), options_.pace, clock_.now());
  Response response;
  response.content_type = conversation->stream ? "text/event-stream; charset=utf-8" : "application/json";
  response.with("cache-control", "no-cache").with("request-id", "req_" + request.request_id);
  response.producer = [this, playing](net::BodyWriter& writer) { return play(playing, writer); };
  co_return response;
}

std::optional<std::string_view> PracticeModel::script_for(const Conversation& conversation) const {
  const auto found = std::ranges::find_if(scripts_, [&](const auto& one) { return conversation.asked.contains(one.first); });
  if (found == scripts_.end()) return std::nullopt;
  return found->second;
}

// Leaves in the step only those failures that have not yet happened as often as they should. Without a stream an error event
// becomes a refusal: there is no middle to fail in.
void PracticeModel::settle_failures(Step& step, const Request& request, const Conversation& conversation) {
  const std::string key = std::string(request.header("x-claude-code-session-id")) + " " + std::to_string(conversation.messages) +
                          " " + base::sha256_hex(conversation.asked);
  if (step.refusal && !take_failure(key + " refusal", step.refusal->times)) step.refusal.reset();
  if (step.refusal) return;
  if (step.cut && !take_failure(key + " cut", step.cut->times)) step.cut.reset();
  for (std::size_t i = 0; i < step.actions.size();) {
    const auto* error = std::get_if<ErrorEvent>(&step.actions[i]);
    if (error && take_failure(key + " error " + error->type, error->times)) {
      if (!conversation.stream) step.refusal = Refusal{error_status(error->type), 1, {}};
      return;
    }
    if (error)
      step.actions.erase(step.actions.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
}

bool PracticeModel::take_failure(const std::string& key, int times) {
  if (failures_.size() >= kMaxRemembered) failures_.clear();
  int& happened = failures_[key];
  if (happened >= times) return false;
  ++happened;
  return true;
}

Task<> PracticeModel::play(std::shared_ptr<Playing> playing, net::BodyWriter& writer) {
  for (const Beat& beat : playing->answer.beats) {
    if (!co_await play_beat(*playing, beat, writer)) co_return;
  }
  if (!playing->stream) co_await writer.write(json::serialize(playing->answer.message));
  playing->asked->state = "answered";
}

// False when this was the last one.
Task<bool> PracticeModel::play_beat(Playing& playing, const Beat& beat, net::BodyWriter& writer) {
  switch (beat.kind) {
    case Beat::Kind::kHold: co_return co_await wait_held(playing, beat.text, writer);
    case Beat::Kind::kHang:
      playing.asked->state = "hanging";
      while (!stopping_) co_await changed_.wait();
      writer.abort();
      co_return false;
    case Beat::Kind::kCut:
      playing.asked->state = "cut";
      writer.abort();
      co_return false;
    case Beat::Kind::kError:
      playing.asked->state = "failed";
      co_await writer.write(beat.text);
      co_return false;
    case Beat::Kind::kEvent: break;
  }
  if (!playing.stream) co_return true;
  if (beat.pause.count() > 0) co_await runtime::sleep_for(beat.pause);
  if (co_await writer.write(beat.text)) co_return true;
  playing.asked->state = "gone";
  co_return false;
}

Task<bool> PracticeModel::wait_held(Playing& playing, const std::string& name, net::BodyWriter& writer) {
  playing.asked->state = "held";
  playing.asked->held_by = name;
  bool there = true;
  while (there && !released_.contains(name) && !stopping_) {
    if (co_await changed_.wait_for(kKeepAlive)) continue;
    // Blanks may stand before a JSON document.
    there = co_await writer.write(playing.stream ? "event: ping\ndata: {\"type\":\"ping\"}\n\n" : " ");
  }
  playing.asked->held_by.clear();
  playing.asked->state = there ? "answering" : "gone";
  if (stopping_) writer.abort();
  co_return there && !stopping_;
}

Task<Response> PracticeModel::count_tokens(Request& request) {
  if (const auto body = base::parse_json_object(request.body); !body) co_return refuse(body.error(), request);
  co_return net::json_response(200, json::serialize(json::object{{"input_tokens", request.body.size() / 4 + 1}}));
}

Task<Response> PracticeModel::show_requests(Request& request) {
  co_return net::json_response(200, log_.to_json(request.parameter("full") == "1"));
}

Task<Response> PracticeModel::release(Request& request) {
  const auto body = base::parse_json_object(request.body);
  if (!body) co_return refuse(body.error(), request);
  const auto name = base::required_string(*body, "name");
  if (!name) co_return refuse(name.error(), request);
  if (released_.size() >= kMaxRemembered) released_.clear();
  released_.insert(*name);
  changed_.notify();
  co_return net::json_response(200, json::serialize(json::object{{"released", *name}}));
}

Task<Response> PracticeModel::set_script(Request& request) {
  const auto body = base::parse_json_object(request.body);
  if (!body) co_return refuse(body.error(), request);
  const auto when = base::required_string(*body, "when");
  const auto script = base::optional_string(*body, "script");
  if (!when) co_return refuse(when.error(), request);
  if (!script) co_return refuse(script.error(), request);
  if (!*script) {
    scripts_.erase(*when);
  } else if (const auto readable = parse_script(**script); !readable) {
    co_return refuse(readable.error(), request);
  } else if (scripts_.size() >= kMaxRemembered) {
    co_return refuse(429, "rate_limit_error", "There are too many scripts.", request);
  } else {
    scripts_[*when] = **script;
  }
  co_return net::empty_response(204);
}

}  // namespace omakase::practice
