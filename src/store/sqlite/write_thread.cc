#include "store/sqlite/write_thread.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

#include "base/log.h"

namespace omakase::store::sqlite {

namespace asio = runtime::asio;

namespace {

// Changes in one transaction: bounds how long the first of them waits for the last.
constexpr std::size_t kMaxBatch = 512;

// A checkpoint is due at this many pages of new log (64 MB), and at any when nothing was written for a while. One costs a busy
// writer 10 to 30 ms, whatever its size; the log's size costs a start after a kill some 100 ms.
constexpr std::int64_t kCheckpointPages = 16'000;
constexpr auto kIdleAfter = std::chrono::seconds(1);

}  // namespace

WriteThread::WriteThread(std::unique_ptr<Connection> db, runtime::Executor loop, const base::Clock& clock, Timestamp newest)
    : db_(std::move(db)),
      loop_(std::move(loop)),
      clock_(clock),
      newest_(newest),
      idleness_(loop_),
      worker_("store-writer", [this] { serve(); }) {}

WriteThread::~WriteThread() { close(); }

void WriteThread::close() {
  if (std::exchange(closed_, true)) return;
  idleness_.cancel();
  hand_over();
  mailbox_.close();
  worker_.join();
  if (!healthy_) db_->forgo_checkpoint_on_close();
  db_.reset();
}

void WriteThread::submit(Entry entry) {
  if (closed_) {
    entry.command->fail(error_of(Fault::kPassing));
    asio::post(loop_, std::move(entry.resume));
    return;
  }
  used_ = true;
  if (!watching_) watch_for_idleness();
  submitted_->push_back(std::move(entry));
  // A thread that has nothing to do begins with this one, while the loop answers others; what comes meanwhile is its next batch.
  if (mailbox_.awaited()) return hand_over();
  if (submitted_->size() > 1) return;
  asio::post(loop_, [this, alive = std::weak_ptr(submitted_)] {
    if (!alive.expired()) hand_over();
  });
}

void WriteThread::hand_over() {
  if (!submitted_->empty()) mailbox_.push(std::exchange(*submitted_, {}));
}

void WriteThread::watch_for_idleness() {
  watching_ = true;
  used_ = false;
  idleness_.expires_after(kIdleAfter);
  idleness_.async_wait([this, alive = std::weak_ptr(submitted_)](runtime::error_code error) {
    if (error || alive.expired()) return;
    if (used_) return watch_for_idleness();
    watching_ = false;
    mailbox_.push({});  // nothing to do: how the thread learns that it may take its time
  });
}

void WriteThread::serve() {
  for (auto turns = mailbox_.take_all(); !turns.empty(); turns = mailbox_.take_all()) {
    Entries batch;
    bool idle = true;
    for (Entries& turn : turns) {
      for (Entry& entry : turn) {
        idle = false;
        batch.push_back(std::move(entry));
        if (batch.size() == kMaxBatch) answer(std::exchange(batch, {}));
      }
    }
    if (!batch.empty()) answer(std::move(batch));
    if (idle) checkpoint_from(1);
  }
}

void WriteThread::answer(Entries entries) {
  if (auto done = transact(entries); !done) {
    for (Entry& entry : entries) entry.command->fail(done.error());
  }
  asio::post(loop_, [entries = std::move(entries)]() mutable {
    for (Entry& entry : entries) entry.resume();
  });
  checkpoint_from(kCheckpointPages);
}

Result<void> WriteThread::transact(std::span<Entry> entries) {
  if (!healthy_) return std::unexpected(error_of(Fault::kBroken));
  const auto begin = std::chrono::steady_clock::now();
  if (auto begun = db_->execute(Sql::kBegin); !begun) return std::unexpected(abandon(begun.error()));
  for (Entry& entry : entries) {
    if (auto applied = apply(*entry.command); !applied) return std::unexpected(abandon(applied.error()));
  }
  if (auto counted = activity_.write(*db_); !counted) return std::unexpected(abandon(counted.error()));
  if (auto committed = db_->execute(Sql::kCommit); !committed) return std::unexpected(abandon(committed.error()));
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  counts_.commit_us.observe(static_cast<std::uint64_t>(took.count()));
  counts_.group_size.observe(entries.size());
  counts_.log_pages = static_cast<std::uint64_t>(std::max<std::int64_t>(db_->wal_pages() - checkpointed_pages_, 0));
  if (counts_.disk_full.exchange(false)) base::log_info("the disk of the data folder has space again");
  return {};
}

// An error here is one of the storage, and ends the whole transaction.
Result<void> WriteThread::apply(Command& command) {
  WriteContext context{*db_, clock_, activity_, runs_, newest_, counts_};
  const std::size_t mark = activity_.mark();
  const bool savepoint = command.undo() == Undo::kBySavepoint;
  if (savepoint) OMAKASE_CHECK(db_->execute(Sql::kSavepoint));
  bool succeeded = false;
  try {
    succeeded = command.apply(context);
  } catch (const std::exception& bug) {
    command.fail(base::internal(std::string("A change of the store threw: ") + bug.what()).error());
  }
  if (db_->fault() != Fault::kNone) return std::unexpected(error_of(db_->fault()));
  if (!succeeded) {
    activity_.forget_since(mark);
    runs_.forget_all();
    if (savepoint) OMAKASE_CHECK(db_->execute(Sql::kRollbackToSavepoint));
  }
  if (savepoint) OMAKASE_CHECK(db_->execute(Sql::kRelease));
  return {};
}

// Undoes the open transaction; gives back the error that everybody in it is told.
Error WriteThread::abandon(Error error) {
  const std::string reason = db_->last_message();
  const Fault fault = db_->fault();
  counts_.failed_commits.fetch_add(1, std::memory_order_relaxed);
  activity_.forget_since(0);
  runs_.forget_all();
  const bool undone = !db_->in_transaction() || db_->execute(Sql::kRollback);
  db_->forget_fault();
  if (fault == Fault::kBroken || !undone) break_down(reason);
  if (fault == Fault::kDiskFull && !counts_.disk_full.exchange(true)) {
    base::log_error("no space is left for the data folder: messages are refused until there is");
  }
  return error;
}

void WriteThread::break_down(const std::string& reason) {
  healthy_ = false;
  base::log_error("the store only reads until the server is started again", {{"reason", reason}});
}

void WriteThread::checkpoint_from(std::int64_t pages) {
  // After a checkpoint of everything the log starts again at its first page.
  checkpointed_pages_ = std::min(checkpointed_pages_, db_->wal_pages());
  if (!healthy_ || db_->wal_pages() - checkpointed_pages_ < pages) return;
  checkpointed_pages_ = db_->wal_pages();
  counts_.checkpoints.fetch_add(1, std::memory_order_relaxed);
  if (db_->checkpoint()) return;
  if (db_->fault() == Fault::kBroken) break_down(db_->last_message());  // otherwise a later one will do
  db_->forget_fault();
}

}  // namespace omakase::store::sqlite
