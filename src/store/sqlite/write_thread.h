// The one thread that writes: group commit without a timer. What was queued while a transaction was being committed is the next
// transaction; its changes are answered after COMMIT (synchronous=FULL) succeeded, all with one post to the loop, or all with its
// error. Checkpoints run here too, between transactions. Started by the constructor; close() (or the destructor) finishes what is
// queued and joins. Except for healthy() and counts(), call it on the loop's thread. The queue is bounded by its callers: each waits for its
// answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "runtime/asio.h"
#include "runtime/worker.h"
#include "store/sqlite/activity.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/run_cache.h"
#include "store/write_counts.h"

namespace omakase::store::sqlite {

using runtime::Task;

// What a change may use; its transaction is open.
struct WriteContext {
  Connection& db;
  const base::Clock& clock;
  Activity& activity;
  RunCache& runs;
  Timestamp& newest;  // of all messages
  WriteCounts& counts;
};

// A change that fails is undone alone. One that is a single statement needs no savepoint for that.
enum class Undo : std::uint8_t { kByStatement, kBySavepoint };

class WriteThread {
 public:
  WriteThread(std::unique_ptr<Connection> db, runtime::Executor loop, const base::Clock& clock, Timestamp newest);
  ~WriteThread();

  // Runs `change` (a Result<T> of WriteContext&) in a transaction on the writer's thread. It must not touch what lives on the
  // loop.
  template <typename Change>
  Task<std::invoke_result_t<Change&, WriteContext&>> run(Undo undo, Change change);

  void close();

  const WriteCounts& counts() const { return counts_; }

  // False once a write failed in a way that leaves the disk's state unknown: from then on every change is refused.
  bool healthy() const { return healthy_; }

 private:
  class Command {
   public:
    explicit Command(Undo undo) : undo_(undo) {}
    virtual ~Command() = default;
    virtual bool apply(WriteContext& context) = 0;  // whether the change succeeded
    virtual void fail(const Error& error) = 0;
    Undo undo() const { return undo_; }

   private:
    Undo undo_;
  };
  template <typename Change>
  class CommandOf;

  // A command lives in the coroutine that waits for it, which `resume` owns.
  struct Entry {
    Command* command;
    std::move_only_function<void()> resume;
  };
  using Entries = std::vector<Entry>;

  // On the loop's thread.
  void submit(Entry entry);
  void hand_over();
  void watch_for_idleness();

  // On the writer's thread.
  void serve();
  void answer(Entries entries);
  Result<void> transact(std::span<Entry> entries);
  Result<void> apply(Command& command);
  Error abandon(Error error);
  void break_down(const std::string& reason);
  void checkpoint_from(std::int64_t pages);  // when at least so many are new

  std::unique_ptr<Connection> db_;
  runtime::Executor loop_;
  const base::Clock& clock_;
  Timestamp newest_;
  Activity activity_;
  RunCache runs_;
  std::int64_t checkpointed_pages_ = 0;
  WriteCounts counts_;
  std::atomic<bool> healthy_ = true;

  // What is submitted in a turn of the loop goes to a busy thread at its end: together.
  std::shared_ptr<Entries> submitted_ = std::make_shared<Entries>();
  runtime::asio::steady_timer idleness_;
  bool watching_ = false;  // the timer runs
  bool used_ = false;      // since the timer was set
  bool closed_ = false;
  runtime::Mailbox<Entries> mailbox_;
  runtime::Worker worker_;  // last: it uses the rest
};

template <typename Change>
class WriteThread::CommandOf final : public Command {
 public:
  using Value = std::invoke_result_t<Change&, WriteContext&>;

  CommandOf(Undo undo, Change& change) : Command(undo), change_(change) {}
  bool apply(WriteContext& context) override {
    value_.emplace(change_(context));
    return value_->has_value();
  }
  void fail(const Error& error) override { value_.emplace(std::unexpected(error)); }
  Value take() { return *std::move(value_); }

 private:
  Change& change_;
  std::optional<Value> value_;
};

template <typename Change>
Task<std::invoke_result_t<Change&, WriteContext&>> WriteThread::run(Undo undo, Change change) {
  CommandOf<Change> command(undo, change);
  auto initiate = [&](auto handler) { submit({&command, [handler = std::move(handler)]() mutable { std::move(handler)(); }}); };
  co_await runtime::asio::async_initiate<const runtime::asio::use_awaitable_t<>, void()>(std::move(initiate),
                                                                                         runtime::asio::use_awaitable);
  co_return command.take();
}

}  // namespace omakase::store::sqlite
