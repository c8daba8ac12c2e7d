// The part of a session that watches the time: stopping a turn, silence, and a session that nobody uses.
#include <algorithm>

#include "agents/claude/input.h"
#include "agents/session.h"
#include "base/ids.h"
#include "runtime/loop.h"

namespace omakase::agents {

namespace {

using std::chrono_literals::operator""s;

constexpr auto kStopLimit = 4s;  // for an interrupted turn to end before the agent's process is ended instead

std::string in_words(std::chrono::seconds time) {
  if (time >= 120s) return std::to_string(time.count() / 60) + " minutes";
  return std::to_string(time.count()) + " seconds";
}

}  // namespace

Result<void> Session::interrupt() {
  if (!busy_ || over_) return base::conflict("idle", "The agent is not working on anything now.");
  if (setup_.size() > 0) {
    ending_ = true;
    end_reason_ = "Stopped during set-up";
    setup_.cancel();
    return {};
  }
  const std::string id = "interrupt-" + base::new_ulid(services_.clock.now());
  send_line(id, claude::interrupt_line(id));
  tasks_.spawn("stop watch " + run_.id, watch_stop(turn_));
  return {};
}

// An agent that does not stop when asked is ended; the conversation goes on with the next message.
Task<> Session::watch_stop(std::uint64_t turn) {
  const auto deadline = std::chrono::steady_clock::now() + kStopLimit;
  while (busy_ && turn_ == turn && !over_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= runtime::Duration::zero()) {
      tell(runner::message::Kill{});
      if (stopped_silent_) co_return;
      told_death_ = true;
      std::vector<store::Change> changes;
      changes.push_back(
          status_message(display_name() + " did not stop when asked, so its program was ended. " + what_is_next(deaths_ + 1)));
      co_await commit(std::move(changes), std::nullopt);
      co_return;
    }
    co_await changed_.wait_for(left);
  }
}

Task<> Session::watch_idle() {
  while (!over_) {
    const auto quiet = std::chrono::microseconds(services_.clock.now().micros - active_at_.micros);
    if (busy_ || quiet < options_.idle_timeout) {
      co_await changed_.wait_for(busy_ ? runtime::Duration(60s)
                                       : std::chrono::duration_cast<runtime::Duration>(options_.idle_timeout - quiet));
      continue;
    }
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(options_.idle_timeout).count();
    co_await end("Ended after " + std::to_string(minutes) + " minutes without activity");
  }
}

// The agent has been heard of, or what it waits for is not its own.
void Session::heard() {
  heard_at_ = std::chrono::steady_clock::now();
  if (!silence_) return;
  silence_.reset();
  publish();
}

// Only an agent that is at work, with no tool running and nothing asked of a person, has to say something.
bool Session::may_be_silent() const {
  return !link_ || !busy_ || !consents_.pending().empty() || (transcript_ && transcript_->tool_running());
}

// Says early that nothing comes, and ends what will not come. The agent's own time-outs do not reach all of it (an answer that
// stops in its middle, a program that hangs), so this one does.
Task<> Session::watch_silence() {
  heard();
  while (!over_) {
    if (may_be_silent()) {
      heard();
      co_await changed_.wait();
      continue;
    }
    const auto quiet = std::chrono::steady_clock::now() - heard_at_;
    if (quiet >= options_.silence_limit) {
      co_await stop_silent(std::chrono::duration_cast<std::chrono::seconds>(quiet));
      continue;
    }
    if (quiet >= options_.silence_notice && !silence_) {
      const auto since = services_.clock.now().micros - std::chrono::duration_cast<std::chrono::microseconds>(quiet).count();
      silence_ = json::object{{"since", base::format({since})},
                              {"waitingFor", model_calls_.empty() ? "agent" : "model"},
                              {"limitSeconds", options_.silence_limit.count()}};
      publish();
    }
    const auto next = silence_ ? options_.silence_limit : options_.silence_notice;
    co_await changed_.wait_for(std::max<runtime::Duration>(next - quiet, std::chrono::milliseconds(10)));
  }
}

Task<> Session::stop_silent(std::chrono::seconds quiet) {
  const std::string who = model_calls_.empty() ? display_name() + "'s program" : "The model";
  std::vector<store::Change> changes;
  changes.push_back(status_message(who + " has said nothing for " + in_words(quiet) +
                                       ", so the turn was stopped. What was said until then is kept. " +
                                       what_is_next(deaths_ + 1),
                                   model::MessageType::kError));
  stopped_silent_ = true;
  heard();
  co_await commit(std::move(changes), std::nullopt);
  if (const auto stopping = interrupt(); !stopping) co_return;
  const std::uint64_t turn = turn_;
  while (busy_ && turn_ == turn && link_ && !over_) co_await changed_.wait();
}

}  // namespace omakase::agents
