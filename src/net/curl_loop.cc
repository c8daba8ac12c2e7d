#include "net/curl_loop.h"

#include <utility>

namespace omakase::net {

using runtime::error_code;

// A socket of curl's, as long as it wants to hear of it.
struct CurlLoop::Watch {
  Watch(const runtime::Executor& executor, curl_socket_t fd) : socket(fd), stream(executor, fd) {}
  ~Watch() { stream.release(); }  // curl closes it

  curl_socket_t socket;
  Stream stream;
  int wanted = 0;  // CURL_POLL_IN, CURL_POLL_OUT, both
  bool reading = false;
  bool writing = false;
};

CurlLoop::CurlLoop(runtime::Executor executor, long idle_connections) : executor_(executor), timer_(executor) {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialised);
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, idle_connections);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_SOCKETFUNCTION, +[](CURL*, curl_socket_t socket, int what, void* self, void*) {
        static_cast<CurlLoop*>(self)->watch(socket, what);
        return 0;
      });
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_TIMERFUNCTION, +[](CURLM*, long milliseconds, void* self) {
        static_cast<CurlLoop*>(self)->set_timer(milliseconds);
        return 0;
      });
}

CurlLoop::~CurlLoop() { curl_multi_cleanup(multi_); }

bool CurlLoop::add(CURL* easy) { return curl_multi_add_handle(multi_, easy) == CURLM_OK; }

void CurlLoop::remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

void CurlLoop::watch(curl_socket_t socket, int what) {
  const auto known = watches_.find(socket);
  if (what == CURL_POLL_REMOVE) {
    if (known == watches_.end()) return;
    known->second->wanted = 0;
    known->second->stream.release();
    watches_.erase(known);
    return;
  }
  const auto watch = known != watches_.end() ? known->second : std::make_shared<Watch>(executor_, socket);
  watches_[socket] = watch;
  watch->wanted = what;
  arm(watch, Stream::wait_read);
  arm(watch, Stream::wait_write);
}

// Waits once for what is wanted; the handler waits on.
void CurlLoop::arm(const std::shared_ptr<Watch>& watch, Stream::wait_type type) {
  const bool read = type == Stream::wait_read;
  bool& waiting = read ? watch->reading : watch->writing;
  if (waiting || (watch->wanted & (read ? CURL_POLL_IN : CURL_POLL_OUT)) == 0) return;
  waiting = true;
  watch->stream.async_wait(type, [this, weak = weak_from_this(), watch, type, read](const error_code& error) {
    (read ? watch->reading : watch->writing) = false;
    const auto self = weak.lock();
    if (!self || watch->wanted == 0) return;
    // The wish may have gone while this was on its way.
    if ((watch->wanted & (read ? CURL_POLL_IN : CURL_POLL_OUT)) != 0) {
      act(watch->socket, error ? CURL_CSELECT_ERR : read ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
    }
    if (watch->wanted != 0) arm(watch, type);
  });
}

void CurlLoop::set_timer(long milliseconds) {
  timer_.cancel();
  if (milliseconds < 0) return;
  timer_.expires_after(std::chrono::milliseconds(milliseconds));
  timer_.async_wait([this, weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (self && !error) act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlLoop::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Listener* listener = nullptr;
    const CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &listener);
    if (listener) listener->ended(code);
  }
}

}  // namespace omakase::net
