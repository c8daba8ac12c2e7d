#include "runner/link.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cerrno>
#include <deque>
#include <utility>
#include <vector>

#include "runner/presence.h"
#include "runner/runner_folder.h"
#include "runtime/loop.h"

namespace omakase::runner {

namespace {

namespace asio = runtime::asio;
using asio::local::stream_protocol;
using base::ErrorKind;
using base::Result;
using process::Fd;
using runtime::Task;
using std::chrono_literals::operator""s;

constexpr auto kHelloLimit = 10s;
constexpr std::size_t kReadSize = std::size_t{64} << 10;
constexpr std::size_t kMaxHello = std::size_t{4} << 10;
constexpr std::size_t kMaxOutbox = std::size_t{64} << 20;

// What a runner of the version before says to our greeting.
constexpr std::string_view kPreviousRefusal = "This runner speaks version 1.";

base::Failure gone() { return base::fail(ErrorKind::kUnavailable, "runner_gone", "The runner is gone."); }

}  // namespace

// Shared with the write that is under way, so that the link may go before it ends.
class RunnerLink::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(const runtime::Executor& executor, std::string folder, std::uint64_t from)
      : socket_(executor), folder_(std::move(folder)), received_(from), decoder_(from), buffer_(kReadSize) {}

  Task<Result<void>> open();
  Task<Result<std::optional<Record>>> next();
  Result<void> send(const ServerMessage& message);
  void close();
  bool live() const { return socket_.is_open(); }
  int protocol() const { return protocol_; }

 private:
  Task<Result<void>> greet(const RunnerFolder& folder);
  Task<Result<void>> exchange_hellos(std::string address);
  Result<void> open_spool(const RunnerFolder& folder);
  Task<Result<std::size_t>> read_more();
  Result<std::size_t> read_spool();
  void write_outbox();

  stream_protocol::socket socket_;
  std::string folder_;
  Fd spool_;                // read instead of the socket, where no runner lives
  std::uint64_t received_;  // offset of what comes next
  int protocol_ = kProtocol;
  bool closed_ = false;
  RecordDecoder decoder_;
  std::vector<char> buffer_;
  std::deque<std::string> outbox_;
  std::size_t outbox_bytes_ = 0;
  bool writing_ = false;
};

Task<Result<void>> RunnerLink::Connection::open() {
  const auto none = [this] { return base::not_found("no_runner", "No runner has been in " + folder_ + "."); };
  const auto folder = RunnerFolder::open(folder_);
  if (!folder) co_return none();
  auto greeted = co_await greet(*folder);
  if (!greeted && greeted.error().detail == kPreviousRefusal) {
    protocol_ = kPreviousProtocol;
    boost::system::error_code ignored;
    socket_.close(ignored);
    greeted = co_await greet(*folder);
  }
  if (greeted || greeted.error().code != "runner_gone") co_return greeted;
  const Presence presence = find(folder_);
  if (presence == Presence::kNone) co_return none();
  if (presence == Presence::kAlive) co_return greeted;  // it is just starting
  co_return open_spool(*folder);
}

Task<Result<void>> RunnerLink::Connection::greet(const RunnerFolder& folder) {
  using asio::experimental::awaitable_operators::operator||;
  auto outcome = co_await (exchange_hellos(folder.socket_address()) || runtime::sleep_for(kHelloLimit));
  if (auto* result = std::get_if<0>(&outcome)) co_return std::move(*result);
  co_return base::fail(ErrorKind::kTimedOut, "runner_silent", "The runner does not answer.");
}

Task<Result<void>> RunnerLink::Connection::exchange_hellos(std::string address) {
  const auto [refused] = co_await socket_.async_connect(stream_protocol::endpoint(address), runtime::use_tuple);
  if (refused) co_return gone();
  const std::string hello = encode(ServerMessage(message::Hello{.protocol = protocol_, .from = received_}));
  const auto [unsent, sent] = co_await asio::async_write(socket_, asio::buffer(hello), runtime::use_tuple);
  if (unsent) co_return gone();
  std::string answer;
  const auto [unread, length] =
      co_await asio::async_read_until(socket_, asio::dynamic_buffer(answer, kMaxHello), '\n', runtime::use_tuple);
  if (unread) co_return gone();
  OMAKASE_CO_TRY(const RunnerHello greeting, decode_runner_hello(std::string_view(answer).substr(0, length)));
  if (greeting.protocol != protocol_) {
    co_return base::fail(ErrorKind::kUnavailable, "unknown_protocol", "The runner speaks a protocol that is not known here.");
  }
  decoder_.push(std::string_view(answer).substr(length));
  received_ += answer.size() - length;
  co_return Result<void>{};
}

Result<void> RunnerLink::Connection::open_spool(const RunnerFolder& folder) {
  boost::system::error_code ignored;
  socket_.close(ignored);
  OMAKASE_TRY(Fd spool, folder.open_file(RunnerFolder::kSpool, O_RDONLY));
  const off_t end = lseek(spool.get(), 0, SEEK_END);
  if (end < 0 || received_ > static_cast<std::uint64_t>(end)) {
    return base::invalid("bad_hello", "The spool ends at " + std::to_string(end) + ".");
  }
  spool_ = std::move(spool);
  return {};
}

Task<Result<std::optional<Record>>> RunnerLink::Connection::next() {
  for (;;) {
    OMAKASE_CO_TRY(std::optional<Record> record, decoder_.next());
    if (record) co_return record;
    OMAKASE_CO_TRY(const std::size_t got, co_await read_more());
    if (got == 0) co_return std::nullopt;
    decoder_.push({buffer_.data(), got});
  }
}

// 0 at the end. A runner that ends may leave in its spool what it had no time to send.
Task<Result<std::size_t>> RunnerLink::Connection::read_more() {
  if (spool_) co_return read_spool();
  const auto [error, got] = co_await socket_.async_read_some(asio::buffer(buffer_), runtime::use_tuple);
  if (!error) {
    received_ += got;
    co_return got;
  }
  const auto folder = RunnerFolder::open(folder_);
  if (closed_ || !folder || find(folder_) != Presence::kExited) {
    close();
    co_return 0;
  }
  OMAKASE_CO_CHECK(open_spool(*folder));
  co_return read_spool();
}

// A short read of a local file, like a socket's: not worth another thread.
Result<std::size_t> RunnerLink::Connection::read_spool() {
  const ssize_t got = pread(spool_.get(), buffer_.data(), buffer_.size(), static_cast<off_t>(received_));
  if (got < 0) return base::internal("The spool cannot be read.");
  received_ += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

Result<void> RunnerLink::Connection::send(const ServerMessage& message) {
  if (!socket_.is_open()) return gone();
  std::string line = encode(message);
  if (outbox_bytes_ + line.size() > kMaxOutbox) {
    return base::fail(ErrorKind::kUnavailable, "runner_busy", "Too much waits to be sent to the runner.");
  }
  outbox_bytes_ += line.size();
  outbox_.push_back(std::move(line));
  if (!writing_) write_outbox();
  return {};
}

void RunnerLink::Connection::write_outbox() {
  writing_ = true;
  asio::async_write(socket_, asio::buffer(outbox_.front()),
                    [self = shared_from_this()](const runtime::error_code& error, std::size_t) {
                      self->writing_ = false;
                      self->outbox_bytes_ -= self->outbox_.front().size();
                      self->outbox_.pop_front();
                      if (error) return;  // the reader notices it
                      if (!self->outbox_.empty()) self->write_outbox();
                    });
}

void RunnerLink::Connection::close() {
  closed_ = true;
  boost::system::error_code ignored;
  socket_.close(ignored);
  spool_.reset();
}

RunnerLink::RunnerLink(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

RunnerLink::~RunnerLink() { connection_->close(); }

Task<Result<std::unique_ptr<RunnerLink>>> RunnerLink::connect(std::string folder, std::uint64_t from) {
  auto connection = std::make_shared<Connection>(co_await asio::this_coro::executor, std::move(folder), from);
  OMAKASE_CO_CHECK(co_await connection->open());
  co_return std::unique_ptr<RunnerLink>(new RunnerLink(std::move(connection)));
}

int RunnerLink::protocol() const { return connection_->protocol(); }
bool RunnerLink::live() const { return connection_->live(); }
Task<Result<std::optional<Record>>> RunnerLink::next() { return connection_->next(); }
Result<void> RunnerLink::send(const ServerMessage& message) { return connection_->send(message); }
void RunnerLink::close() { connection_->close(); }

}  // namespace omakase::runner
