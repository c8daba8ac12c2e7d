#include "net/outbound.h"

#include <curl/curl.h>

#include <utility>

#include "base/text.h"
#include "net/curl_loop.h"
#include "runtime/signal.h"

namespace omakase::net {

namespace {

using base::ErrorKind;

constexpr long kIdleConnections = 8;

std::string_view variable(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string_view entry : environment) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) return entry.substr(name.size() + 1);
  }
  return {};
}

struct Headers {
  curl_slist* list = nullptr;

  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
  Headers() = default;
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  ~Headers() { curl_slist_free_all(list); }
};

}  // namespace

class Outbound::Multi : public CurlLoop {
 public:
  Multi(runtime::Executor on, std::vector<std::string> variables)
      : CurlLoop(on, kIdleConnections), executor(std::move(on)), environment(std::move(variables)) {}

  runtime::Executor executor;
  std::vector<std::string> environment;
};

// One easy handle: curl writes into it from inside its own functions, the coroutine takes out.
struct Outbound::Transfer final : public CurlLoop::Listener {
  Transfer(std::shared_ptr<Multi> on, OutboundRequest asked)
      : multi(std::move(on)), request(std::move(asked)), easy(curl_easy_init()), changed(multi->executor) {}
  ~Transfer() override {
    if (added) multi->remove(easy);
    curl_easy_cleanup(easy);
  }

  void prepare();
  void choose_proxy();
  void ended(CURLcode code) override {
    done = true;
    result = code;
    changed.notify();
  }
  std::size_t take_header(std::string_view line);
  std::size_t take_body(std::string_view bytes);

  std::shared_ptr<Multi> multi;
  OutboundRequest request;
  CURL* easy;
  runtime::Signal changed;
  Headers sent;
  bool added = false;
  bool head_done = false;
  bool done = false;
  bool paused = false;
  CURLcode result = CURLE_OK;
  long status = 0;
  std::vector<Header> received;
  std::string unread;
  char problem[CURL_ERROR_SIZE] = {};
};

void Outbound::Transfer::prepare() {
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy, option, value); };
  for (const auto& [name, value] : request.headers) sent.add(std::string(name).append(": ").append(value));
  sent.add("Expect:");  // no waiting for a permission to send the body
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTPHEADER, sent.list);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_ERRORBUFFER, static_cast<char*>(problem));
  set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(request.connect_limit).count()));
  set(CURLOPT_PRIVATE, static_cast<CurlLoop::Listener*>(this));
  if (request.method == Method::kHead) {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.method != Method::kGet) {
    set(CURLOPT_CUSTOMREQUEST, std::string(text(request.method)).c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());
  }
  choose_proxy();
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_HEADERDATA, this);
  set(
      CURLOPT_HEADERFUNCTION, +[](char* bytes, std::size_t size, std::size_t count, void* self) {
        return static_cast<Transfer*>(self)->take_header({bytes, size * count});
      });
  set(CURLOPT_WRITEDATA, this);
  set(
      CURLOPT_WRITEFUNCTION, +[](char* bytes, std::size_t size, std::size_t count, void* self) {
        return static_cast<Transfer*>(self)->take_body({bytes, size * count});
      });
}

// Said here rather than left to curl, which would look into this process's own environment.
void Outbound::Transfer::choose_proxy() {
  const auto first_of = [this](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (const auto value = variable(multi->environment, name); !value.empty()) return std::string(value);
    }
    return std::string();
  };
  const bool tls = base::lower_ascii(request.url.substr(0, 6)) == "https:";
  const std::string proxy = tls ? first_of({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
                                : first_of({"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"});
  const std::string excepted = first_of({"no_proxy", "NO_PROXY"});
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(easy, CURLOPT_NOPROXY, ("localhost,127.0.0.1,::1" + (excepted.empty() ? "" : "," + excepted)).c_str());
  if (const std::string file = first_of({"SSL_CERT_FILE"}); !file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, file.c_str());
  if (const std::string path = first_of({"SSL_CERT_DIR"}); !path.empty()) curl_easy_setopt(easy, CURLOPT_CAPATH, path.c_str());
}

std::size_t Outbound::Transfer::take_header(std::string_view line) {
  const std::string_view trimmed = base::trim(line);
  if (trimmed.starts_with("HTTP/")) {
    received.clear();  // of a "100 Continue" before it
  } else if (const std::size_t colon = trimmed.find(':'); colon != std::string_view::npos) {
    received.emplace_back(trimmed.substr(0, colon), base::trim(trimmed.substr(colon + 1)));
  } else if (trimmed.empty()) {
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    head_done = status >= 200;
    if (head_done) changed.notify();
  }
  return line.size();
}

std::size_t Outbound::Transfer::take_body(std::string_view bytes) {
  if (!unread.empty() && unread.size() + bytes.size() > kMaxUnread) {
    paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  unread += bytes;
  changed.notify();
  return bytes.size();
}

Outbound::Outbound(runtime::Executor executor, std::vector<std::string> environment)
    : multi_(std::make_shared<Multi>(std::move(executor), std::move(environment))) {}

Outbound::~Outbound() = default;

Task<Result<std::unique_ptr<Outbound::Answer>>> Outbound::call(OutboundRequest request) {
  auto transfer = std::make_unique<Transfer>(multi_, std::move(request));
  transfer->prepare();
  transfer->added = multi_->add(transfer->easy);
  const auto deadline = std::chrono::steady_clock::now() + transfer->request.head_limit;
  while (!transfer->head_done && !transfer->done) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= runtime::Duration::zero()) {
      co_return base::fail(ErrorKind::kTimedOut, "no_answer", "No answer began in time.");
    }
    co_await transfer->changed.wait_for(left);
  }
  if (!transfer->head_done) {
    const std::string why = *transfer->problem ? transfer->problem : curl_easy_strerror(transfer->result);
    if (transfer->result == CURLE_URL_MALFORMAT || transfer->result == CURLE_UNSUPPORTED_PROTOCOL) {
      co_return base::invalid("bad_url", "The address cannot be used: " + why + ".", "url");
    }
    const bool distrust = transfer->result == CURLE_PEER_FAILED_VERIFICATION || transfer->result == CURLE_SSL_CACERT_BADFILE;
    co_return base::fail(ErrorKind::kUnavailable, distrust ? "untrusted" : "unreachable", why + ".");
  }
  co_return std::unique_ptr<Answer>(new Answer(std::move(transfer)));
}

Outbound::Answer::Answer(std::unique_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
Outbound::Answer::~Answer() = default;

int Outbound::Answer::status() const { return static_cast<int>(transfer_->status); }
const std::vector<Header>& Outbound::Answer::headers() const { return transfer_->received; }

std::string_view Outbound::Answer::header(std::string_view name) const {
  for (const auto& [key, value] : transfer_->received) {
    if (base::equal_ignoring_case(key, name)) return value;
  }
  return {};
}

Task<Result<std::string>> Outbound::Answer::read() {
  Transfer& transfer = *transfer_;
  const auto deadline = std::chrono::steady_clock::now() + transfer.request.idle_limit;
  while (transfer.unread.empty() && !transfer.done) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= runtime::Duration::zero()) co_return base::fail(ErrorKind::kTimedOut, "silent", "The answer fell silent.");
    co_await transfer.changed.wait_for(left);
  }
  if (transfer.unread.empty() && transfer.result != CURLE_OK) {
    co_return base::fail(ErrorKind::kUnavailable, "cut", "The answer was cut off before its end.");
  }
  std::string taken = std::exchange(transfer.unread, {});
  if (std::exchange(transfer.paused, false)) curl_easy_pause(transfer.easy, CURLPAUSE_CONT);
  co_return taken;
}

}  // namespace omakase::net
