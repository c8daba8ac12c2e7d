#include "runtime/worker.h"

#include <pthread.h>

namespace omakase::runtime {

Worker::Worker(const std::string& name, std::function<void()> body) : thread_(std::move(body)) {
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace omakase::runtime
