#include "runner/held_agent.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "process/start_up.h"
#include "process/tree.h"
#include "runner/sandbox_watch.h"

namespace omakase::runner {

namespace {

namespace asio = runtime::asio;
using base::Result;
using process::Line;
using runtime::Task;
using std::chrono_literals::operator""s;

constexpr std::size_t kReadSize = std::size_t{64} << 10;
constexpr std::size_t kStderrTail = std::size_t{64} << 10;
constexpr std::size_t kMaxStderr = std::size_t{1} << 20;
constexpr std::size_t kHalfLineShown = std::size_t{4} << 10;
constexpr auto kClosingLimit = 1s;
// What a process needs at most to die of SIGKILL.
constexpr auto kDeathLimit = 10s;

void keep_tail(std::string& tail, std::string_view more) {
  tail += more;
  if (tail.size() > 2 * kStderrTail) tail.erase(0, tail.size() - kStderrTail);
}

std::string last_bytes(std::string_view tail) {
  if (tail.size() > kStderrTail) tail.remove_prefix(tail.size() - kStderrTail);
  return base::scrub_utf8(tail);
}

}  // namespace

HeldAgent::HeldAgent(runtime::Executor executor, const base::Clock& clock, const RunnerSpec& spec, Spool& spool)
    : executor_(executor),
      clock_(clock),
      spec_(spec),
      spool_(spool),
      subreaper_(executor),
      tasks_(executor),
      input_changed_(executor),
      child_ended_(executor),
      pipe_ended_(executor),
      last_output_(std::chrono::steady_clock::now()) {}

Task<Result<void>> HeldAgent::start(const Secrets& secrets) {
  hidden_ = Scrubber(secrets.scrub);
  OMAKASE_CO_TRY(agent_, co_await start_agent(spec_, secrets, clock_, hidden_, spool_));
  co_return Result<void>{};
}

Task<> HeldAgent::run() {
  tasks_.spawn("reap orphans", subreaper_.reap_orphans(agent_.child->pid()));
  co_await spool_.append(note::Started{agent_.child->pid()});
  if (agent_.uplink) tasks_.spawn("uplink's words", process::drop_words(*agent_.uplink));
  if (agent_.inside > 0) tasks_.spawn("limits", watch_limits());
  tasks_.spawn("agent's output", read_output());
  tasks_.spawn("agent's errors", read_error());
  tasks_.spawn("agent's input", write_input());
  const auto status = co_await agent_.child->wait();
  child_ended_.notify();
  spool_.unbind();
  agent_.child->close_input();
  agent_.child->reap();
  co_await drain_pipes();
  if (agent_.relay) {
    agent_.relay->stop();
    co_await agent_.relay->join();
  }
  tasks_.cancel();
  co_await tasks_.join();
  co_await spool_.append(note::Exit{status.value_or(process::ExitStatus{.code = 127}), last_bytes(stderr_tail_)});
}

// Once every process that could hold the pipes is gone, they are at their end. A full disk is waited for.
Task<> HeldAgent::drain_pipes() {
  if (!co_await subreaper_.end_all(kDeathLimit)) {
    base::log_error("some of the agent's processes cannot be ended");
    boost::system::error_code ignored;
    agent_.child->output().close(ignored);
    agent_.child->error().close(ignored);
  }
  while (open_pipes_ > 0) co_await pipe_ended_.wait();
}

Task<> HeldAgent::watch_limits() {
  const note::LimitReached reached = co_await watch_sandbox(agent_.inside, spec_.limits);
  kill();
  base::log_warn("the sandbox held more than it may and was ended", {{"run", spec_.run_id}, {"limit", reached.limit}});
  co_await spool_.append(reached);
}

Task<> HeldAgent::append_line(const Line& line) {
  if (line.kind == Line::Kind::kWhole && hidden_.idle()) co_await spool_.append(RecordKind::kOut, line.text);
  if (line.kind == Line::Kind::kWhole && !hidden_.idle()) {
    const std::string text = hidden_.scrub(line.text);
    co_await spool_.append(RecordKind::kOut, text);
  }
  if (line.kind == Line::Kind::kOversize) co_await spool_.append(note::Oversize{});
  if (line.kind == Line::Kind::kHalf) {
    const std::string text = base::scrub_utf8(hidden_.scrub(line.text.substr(0, kHalfLineShown)));
    co_await spool_.append(note::HalfLine{text});
  }
}

Task<> HeldAgent::read_output() {
  process::LineSplitter splitter(kMaxPayload);
  std::vector<char> buffer(kReadSize);
  for (;;) {
    co_await spool_.room();
    const auto [error, got] = co_await agent_.child->output().async_read_some(asio::buffer(buffer), runtime::use_tuple);
    if (error) break;
    last_output_ = std::chrono::steady_clock::now();
    splitter.push({buffer.data(), got});
    while (const auto line = splitter.next()) co_await append_line(*line);
  }
  if (const auto half = splitter.finish()) co_await append_line(*half);
  // An agent that ends closes it too, a little earlier.
  if (!co_await ends_within(kClosingLimit)) co_await spool_.append(note::OutputClosed{});
  --open_pipes_;
  pipe_ended_.notify();
}

Task<> HeldAgent::read_error() {
  std::vector<char> buffer(kReadSize / 4);
  Scrubber::Stream scrubbing(hidden_);
  for (;;) {
    co_await spool_.room();
    const auto [error, got] = co_await agent_.child->error().async_read_some(asio::buffer(buffer), runtime::use_tuple);
    const std::string bytes = error ? scrubbing.finish() : scrubbing.push({buffer.data(), got});
    co_await append_error(bytes);
    if (error) break;
  }
  --open_pipes_;
  pipe_ended_.notify();
}

Task<> HeldAgent::append_error(std::string_view bytes) {
  keep_tail(stderr_tail_, bytes);
  const bool kept = !bytes.empty() && stderr_bytes_ < kMaxStderr;
  stderr_bytes_ += bytes.size();
  if (kept) co_await spool_.append(RecordKind::kErr, bytes);
  if (kept && stderr_bytes_ >= kMaxStderr) co_await spool_.append(note::ErrorCut{});
}

Task<> HeldAgent::write_input() {
  for (;;) {
    while (inputs_.empty() && !closing_input_) co_await input_changed_.wait();
    if (inputs_.empty()) break;
    InputQueue::Input input = inputs_.take();
    input.line += '\n';
    const auto [error, written] = co_await asio::async_write(agent_.child->input(), asio::buffer(input.line), runtime::use_tuple);
    if (error) break;  // the agent has closed its input, or ended
    if (!input.id.empty()) co_await spool_.append(note::InputWritten{input.id});
  }
  agent_.child->close_input();
}

void HeldAgent::add_input(message::Input input) {
  if (stopping_ || closing_input_ || agent_.child->status()) return;
  const std::string id = input.id;
  if (inputs_.add(std::move(input.id), std::move(input.data)) == InputQueue::Accepted::kFull) {
    tasks_.spawn("refusal of an input", note_refusal(id));
  }
  input_changed_.notify();
}

Task<> HeldAgent::note_refusal(std::string id) { co_await spool_.append(note::InputRefused{std::move(id)}); }

void HeldAgent::close_input() {
  closing_input_ = true;
  input_changed_.notify();
}

void HeldAgent::stop(const StopTimes& times) {
  if (std::exchange(stopping_, true) || agent_.child->status()) return;
  tasks_.spawn("stop", climb(times));
}

Task<> HeldAgent::climb(StopTimes times) {
  inputs_.replace_all(spec_.interrupt);
  input_changed_.notify();
  if (!spec_.interrupt.empty() && co_await ends_within(times.interrupt)) co_return;
  close_input();
  if (co_await ends_within(times.close)) co_return;
  // The outer bubblewrap would take all inside along at once: it is spared, what is in it is asked.
  process::signal_descendants(spec_.sandbox ? agent_.child->pid() : getpid(), SIGTERM);
  if (co_await ends_within(times.term)) co_return;
  kill();
}

Task<bool> HeldAgent::ends_within(runtime::Duration limit) {
  if (agent_.child->status()) co_return true;
  co_await child_ended_.wait_for(limit);
  co_return agent_.child->status().has_value();
}

void HeldAgent::kill() {
  stopping_ = true;
  if (agent_.child->status()) return;
  // All inside at once, however many they are: the kernel ends a process name space with its first process.
  if (agent_.inside_pidfd) syscall(SYS_pidfd_send_signal, agent_.inside_pidfd.get(), SIGKILL, nullptr, 0);
  process::signal_descendants(getpid(), SIGKILL);
}

}  // namespace omakase::runner
