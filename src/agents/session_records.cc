// The part of a session that turns the runner's records and the person's messages into each other's.
#include "agents/claude/input.h"
#include "agents/plain_text.h"
#include "agents/session.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "runtime/loop.h"

namespace omakase::agents {

namespace {

using std::chrono_literals::operator""s;

constexpr int kMaxFailedStarts = 2;  // in a row, before the run is given up

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

// What a person can do about a refusal of the model.
std::string explain(const claude::TurnEnd& end) {
  const int status = end.model_status.value_or(0);
  const bool not_signed_in = status == 401 || status == 403 || end.text.find("Not logged in") != std::string::npos ||
                             end.text.find("Invalid API key") != std::string::npos;
  if (not_signed_in) {
    return "The model refused the key" + (status ? " (" + std::to_string(status) + ")" : std::string()) +
           ". Set ANTHROPIC_API_KEY to a valid key, restart the server, and send your message again.";
  }
  if (status == 429) return "The model's rate limit is reached (429). Wait a little and send your message again.";
  if (status == 529 || end.text.find("Overloaded") != std::string::npos) {
    return "The model is overloaded (529) and gave up after several tries. Nothing was lost; send your message again in a while.";
  }
  if (end.text.find("Unable to connect") != std::string::npos) {
    return "The model cannot be reached: " + end.text +
           ". Check the network and the model's address, then send your message again.";
  }
  return end.text.empty() ? "The agent's turn failed without saying why." : end.text;
}

// The sandbox tells a signal as a shell does: 128 and its number.
process::ExitStatus seen_through_sandbox(process::ExitStatus status) {
  if (status.signal == 0 && status.code > 128 && status.code < 128 + 65) return {0, status.code - 128};
  return status;
}

}  // namespace

store::Change Session::status_message(std::string text, model::MessageType type) const {
  model::Message message;
  message.id = base::new_ulid(services_.clock.now());
  message.run_id = run_.id;
  message.sender = model::Sender::kAgent;
  message.role = run_.role;
  message.type = type;
  message.content = std::move(text);
  return store::AppendMessage{std::move(message), true, false};
}

// A person's message was stored: it goes to the agent as soon as that can take input.
void Session::on_message(const model::Message& message) {
  if (message.sender != model::Sender::kUser || message.delivered_at) return;
  active_at_ = services_.clock.now();
  waiting_uuid_[base::derived_uuid(run_.id, message.id)] = message.timestamp.micros;
  waiting_.try_emplace(message.timestamp.micros, Waiting{message, false});
  send_waiting();
  changed_.notify();
}

void Session::send_waiting() {
  if (!ready_ || !link_ || !link_->live() || ending_) return;
  for (auto& [timestamp, waiting] : waiting_) {
    if (waiting.sent) continue;
    const std::string uuid = base::derived_uuid(run_.id, waiting.message.id);
    if (!link_->send(runner::message::Input{uuid, claude::user_line(uuid, waiting.message.content)})) return;
    waiting.opens_turn = !in_turn_ && !expecting();
    waiting.sent = true;
    set_busy(true);
  }
}

void Session::tell(const runner::ServerMessage& message) {
  if (!link_ || !link_->live()) return;
  if (const auto sent = link_->send(message); !sent) {
    base::log_warn("a runner was not reached", {{"run", run_.id}, {"why", sent.error().detail}});
  }
}

void Session::send_line(std::string id, std::string line) { tell(runner::message::Input{std::move(id), std::move(line)}); }

// Something was sent that the agent has not taken yet.
bool Session::expecting() const {
  for (const auto& [timestamp, waiting] : waiting_) {
    if (waiting.sent) return true;
  }
  return false;
}

void Session::set_busy(bool busy) {
  if (busy && !busy_) ++turn_;
  busy_ = busy;
  active_at_ = services_.clock.now();
  services_.feed.set_presence(run_.id, {busy, std::nullopt});
  changed_.notify();
}

Task<> Session::on_record(const runner::Record& record) {
  const Timestamp at{record.micros};
  if (record.kind == runner::RecordKind::kOut) {
    claude::Outcome all;
    for (const claude::Event& event : claude::parse_line(record.payload)) {
      if (const auto* request = std::get_if<claude::ControlRequest>(&event)) {
        send_line("answer-" + request->request_id,
                  claude::refusal_line(request->request_id, "This server does not serve \"" + request->subtype + "\"."));
      }
      all.merge(transcript_->on(event, at));
    }
    co_await apply(std::move(all), record.end_offset, at);
    co_return;
  }
  if (record.kind == runner::RecordKind::kErr) {
    base::log_debug("agent says on stderr", {{"run", run_.id}, {"text", base::trim(record.payload)}});
    co_return;
  }
  const auto note = runner::decode_note(record.payload);
  if (!note) co_return;
  if (const auto* exit = std::get_if<runner::note::Exit>(&*note)) {
    co_await on_exit(*exit, record.end_offset, at);
  } else if (const auto* refused = std::get_if<runner::note::InputRefused>(&*note)) {
    const auto timestamp = waiting_uuid_.find(refused->id);
    const auto waiting = timestamp == waiting_uuid_.end() ? waiting_.end() : waiting_.find(timestamp->second);
    if (waiting != waiting_.end()) waiting->second.sent = false;
  } else if (std::holds_alternative<runner::note::Oversize>(*note)) {
    std::vector<store::Change> changes;
    changes.push_back(status_message("A line of the agent's output was too long and was left out", model::MessageType::kError));
    co_await commit(std::move(changes), record.end_offset);
  }
}

void Session::show(const claude::Live& live) {
  namespace shown = claude::live;
  feed::Feed& feed = services_.feed;
  std::visit(Overloaded{[&](const shown::Start& one) { feed.message_start(run_.id, one.message_id, run_.role); },
                        [&](const shown::Delta& one) { feed.content_delta(run_.id, one.message_id, one.text); },
                        [&](const shown::Tool& one) { feed.tool_use(run_.id, one.message_id, one.use); },
                        [&](const shown::ToolEnd& one) { feed.tool_result(run_.id, one.message_id, one.use); },
                        [&](const shown::Complete& one) { feed.message_complete(run_.id, one.message_id); },
                        [&](const shown::Dropped& one) { feed.message_dropped(run_.id, one.message_id); }},
             live);
}

// The model refused or was busy, and the agent tries again by itself: the person should know.
void Session::warn_of_retry(const claude::ApiRetry& retry, std::vector<store::Change>& changes) {
  const int status = retry.error_status.value_or(0);
  if (status == 401 || status == 403) {
    // Asking ten times with a wrong key helps nobody.
    if (refused_) return;
    refused_ = true;
    changes.push_back(status_message(explain({.text = {}, .model_status = status}), model::MessageType::kError));
    send_line("interrupt-refused-" + std::to_string(turn_), claude::interrupt_line("interrupt-refused-" + std::to_string(turn_)));
    return;
  }
  if (told_retry_) return;
  told_retry_ = true;
  const std::string why = status ? "The model did not answer (" + std::to_string(status) + ")" : "The model cannot be reached";
  changes.push_back(status_message(why + "; " + display_name() + " is trying again"));
}

// What the end of a turn says in the conversation.
void Session::conclude(const claude::TurnEnd& end, std::vector<store::Change>& changes) {
  if (end.no_conversation) {
    changes.push_back(
        status_message("The earlier conversation could not be found on this machine; " + display_name() + " starts afresh"));
    thread_.agent_session.clear();
  } else if (end.failed && !refused_) {
    changes.push_back(status_message(explain(end), model::MessageType::kError));
  } else if (end.interrupted && !refused_ && !ending_) {
    changes.push_back(status_message("Stopped by you"));
  }
  told_retry_ = false;
  refused_ = false;
  failed_starts_ = 0;
}

Task<> Session::apply(claude::Outcome outcome, std::uint64_t end_offset, Timestamp at, std::vector<store::Change> more) {
  for (const claude::Live& live : outcome.live) show(live);
  std::vector<store::Change> changes;
  if (outcome.session) {
    // A turn begins. The echo of the message that it answers comes only with the model's first words.
    in_turn_ = true;
    for (auto& [timestamp, waiting] : waiting_) {
      if (std::exchange(waiting.opens_turn, false)) outcome.received.push_back(base::derived_uuid(run_.id, waiting.message.id));
    }
  }
  if (outcome.turn_end) in_turn_ = false;
  for (const std::string& uuid : outcome.received) {
    const auto timestamp = waiting_uuid_.find(uuid);
    if (timestamp == waiting_uuid_.end()) continue;
    changes.emplace_back(store::UpdateMessage{run_.id, {timestamp->second}, at, {}});
    waiting_.erase(timestamp->second);
    waiting_uuid_.erase(timestamp);
  }
  for (store::Change& change : outcome.changes) changes.push_back(std::move(change));
  if (outcome.retry) warn_of_retry(*outcome.retry, changes);
  if (outcome.turn_end) conclude(*outcome.turn_end, changes);
  if (outcome.model) model_ = *outcome.model;
  store::UpdateRun update{.run_id = run_.id};
  if (outcome.session && !outcome.session->empty() && *outcome.session != thread_.agent_session) {
    thread_.agent_session = *outcome.session;
    update.agent_session = thread_.agent_session;
  }
  if (outcome.cost_usd && options_.metered) update.cost_usd = cost_before_ + *outcome.cost_usd;
  if (update.agent_session || update.cost_usd) changes.emplace_back(std::move(update));
  for (store::Change& change : more) changes.push_back(std::move(change));

  answered_ = answered_ || outcome.answer || outcome.session;
  if (!changes.empty() || outcome.turn_end) co_await commit(std::move(changes), end_offset);
  if (outcome.answer && outcome.answer->request_id == "initialize") {
    ready_ = true;
    send_waiting();
  }
  if (outcome.busy) set_busy(*outcome.busy || expecting());
}

// Stores and publishes. A store that cannot write now is waited for: the agent's words wait on the runner's disk meanwhile.
Task<bool> Session::commit(std::vector<store::Change> changes, std::optional<std::uint64_t> end_offset) {
  store::Commit wanted;
  wanted.changes = std::move(changes);
  if (end_offset) wanted.spool = {run_.id, (generation_ << kGenerationShift) + static_cast<std::int64_t>(*end_offset)};
  for (;;) {
    auto committed = co_await services_.feed.commit(wanted);
    if (committed) {
      if (committed->run) run_ = *committed->run;
      if (wanted.spool) run_.spool_offset = std::max(run_.spool_offset, wanted.spool->end);
      for (const model::Message& message : committed->appended) {
        if (transcript_) transcript_->stored(message);
      }
      co_return true;
    }
    if (committed.error().kind != base::ErrorKind::kUnavailable) {
      base::log_error("a session's change was refused",
                      {{"run", run_.id}, {"code", committed.error().code}, {"error", committed.error().detail}});
      if (committed.error().code == "run_not_active") {
        over_ = true;
        changed_.notify();
      }
      co_return false;
    }
    base::log_warn("the store cannot write; trying again", {{"run", run_.id}, {"code", committed.error().code}});
    if (!co_await runtime::sleep_for(1s)) co_return false;
  }
}

// The agent's process has ended. That ends the run only when it was meant to, or when the agent cannot be started at all.
Task<> Session::on_exit(const runner::note::Exit& exit, std::uint64_t end_offset, Timestamp at) {
  claude::Outcome outcome = transcript_->on_exit(at);
  const std::string how = (options_.sandbox ? seen_through_sandbox(exit.status) : exit.status).describe();
  const bool mid_turn = busy_;
  const bool never_ready = !answered_;
  base::log_info("agent ended", {{"run", run_.id}, {"how", how}});
  tell(runner::message::Bye{});
  link_.reset();
  ready_ = false;
  in_turn_ = false;
  for (auto& [timestamp, waiting] : waiting_) waiting.sent = waiting.opens_turn = false;
  outcome.busy.reset();
  const std::string tail = shortened(std::string(base::trim(plain_text(exit.stderr_tail))), 2000);
  if (never_ready && !ending_ && !thread_.agent_session.empty()) ++failed_starts_;
  if (failed_starts_ >= kMaxFailedStarts) {
    co_await apply(std::move(outcome), end_offset, at);
    co_await finish(model::RunStatus::kFailed, model::MessageType::kError,
                    display_name() + "'s process " + how + " right after its start." + (tail.empty() ? "" : "\n\n" + tail));
    co_return;
  }
  std::vector<store::Change> more;
  if (mid_turn && !ending_ && !never_ready) {
    const std::string next = waiting_.empty() ? "Your next message goes on with the same conversation."
                                              : "It is started again for the messages that wait.";
    more.push_back(status_message(display_name() + "'s process " + how +
                                      " in the middle of its work. What it had said is kept. " + next +
                                      (tail.empty() ? "" : "\n\n" + tail),
                                  model::MessageType::kError));
  }
  co_await apply(std::move(outcome), end_offset, at, std::move(more));
  set_busy(!waiting_.empty() && !ending_);
}

}  // namespace omakase::agents
