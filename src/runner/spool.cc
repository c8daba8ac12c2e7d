#include "runner/spool.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "runtime/loop.h"

namespace omakase::runner {

namespace {

using base::Result;
using runtime::Task;
using std::chrono_literals::operator""ms;

// No event tells that a full disk has room again.
constexpr auto kRetry = 250ms;
constexpr std::uint64_t kFreeStep = std::uint64_t{4} << 20;

}  // namespace

Result<Spool> Spool::create(const RunnerFolder& folder, runtime::Executor executor, const base::Clock& clock,
                            std::uint64_t max_unread) {
  auto file = folder.open_file(RunnerFolder::kSpool, O_RDWR | O_CREAT | O_EXCL);
  if (!file && folder.has(RunnerFolder::kSpool)) return folder.already_used();
  if (!file) return std::unexpected(file.error());
  return Spool(*std::move(file), std::move(executor), clock, max_unread);
}

// At end_, which moves only when all of it is written: what a failed attempt left is overwritten by the next.
bool Spool::write_record(std::string_view header, std::string_view payload) {
  std::array<std::string_view, 3> parts{header, payload, "\n"};
  std::uint64_t at = end_;
  while (!parts.back().empty()) {
    std::array<iovec, 3> vectors{};
    for (std::size_t i = 0; i < parts.size(); ++i) vectors[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
    const ssize_t written = pwritev(file_.get(), vectors.data(), vectors.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += static_cast<std::uint64_t>(written);
    for (std::size_t left = static_cast<std::size_t>(written); std::string_view & part : parts) {
      const std::size_t taken = std::min(left, part.size());
      part.remove_prefix(taken);
      left -= taken;
    }
  }
  end_ = at;
  return true;
}

Task<> Spool::append(RecordKind kind, std::string_view payload) {
  const std::string header = record_header(kind, payload.size(), clock_->now().micros);
  for (bool told = false; !write_record(header, payload); told = true) {
    if (!told) base::log_error("the spool cannot be written; the agent waits", {{"error", std::strerror(errno)}});
    co_await runtime::sleep_for(kRetry);
  }
  grown_.notify();
}

Task<> Spool::append(const Note& note) {
  const std::string payload = encode(note);
  co_await append(RecordKind::kNote, payload);
}

Task<> Spool::room() {
  while (bounded_ && (end_ - read_ >= max_unread_ || end_ - freed_ >= kMaxSize)) co_await room_made_.wait();
}

void Spool::unbind() {
  bounded_ = false;
  room_made_.notify();
}

Result<std::size_t> Spool::read(std::uint64_t offset, std::span<char> buffer) const {
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end_ - std::min(offset, end_)));
  ssize_t got = 0;
  do {
    got = pread(file_.get(), buffer.data(), wanted, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return base::internal(std::string("The spool cannot be read: ") + std::strerror(errno) + ".");
  return static_cast<std::size_t>(got);
}

void Spool::mark_read(std::uint64_t offset) {
  read_ = std::clamp(offset, read_, end_);
  room_made_.notify();
}

void Spool::acknowledge(std::uint64_t offset) {
  const std::uint64_t until = std::min(offset, end_) / kFreeStep * kFreeStep;
  if (until <= freed_) return;
  // Not every file system can; then the spool only takes more room.
  if (fallocate(file_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(until)) == 0) freed_ = until;
  room_made_.notify();
}

}  // namespace omakase::runner
