#include "runtime/task_group.h"

#include <boost/system/system_error.hpp>

#include <cassert>

#include "base/log.h"

namespace omakase::runtime {

namespace {

void report(const std::string& name, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) return;
    base::log_error("task failed", {{"task", name}, {"error", error.what()}});
  } catch (const std::exception& error) {
    base::log_error("task failed", {{"task", name}, {"error", error.what()}});
  }
}

}  // namespace

TaskGroup::TaskGroup(Executor executor) : executor_(executor), ended_(executor) {}

TaskGroup::~TaskGroup() { assert(running_.empty()); }

void TaskGroup::spawn(std::string name, Task<> task) {
  const auto self = running_.emplace(running_.begin());
  self->name = std::move(name);
  try {
    asio::co_spawn(executor_, std::move(task),
                   asio::bind_cancellation_slot(self->signal.slot(), [this, self](std::exception_ptr failure) {
                     if (failure) report(self->name, failure);
                     running_.erase(self);
                     ended_.notify();
                   }));
  } catch (...) {  // no memory to begin it
    running_.erase(self);
    throw;
  }
}

void TaskGroup::cancel() {
  // A task may end, and so leave the list, while it is told.
  for (auto task = running_.begin(); task != running_.end();) {
    auto& signal = (task++)->signal;
    signal.emit(asio::cancellation_type::terminal);
  }
}

Task<> TaskGroup::join() {
  while (!running_.empty()) co_await ended_.wait();
}

}  // namespace omakase::runtime
