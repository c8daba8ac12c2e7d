// The part of a session that turns the runner's records and the person's messages into each other's.
#include "agents/claude/input.h"
#include "agents/plain_text.h"
#include "agents/run_log.h"
#include "agents/session.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "runtime/loop.h"

namespace omakase::agents {

namespace {

using std::chrono_literals::operator""s;

constexpr int kMaxFailedStarts = 2;  // in a row, before the run is given up
constexpr int kMaxDeaths = 2;        // in a row with nothing received, before it waits for the person
constexpr std::size_t kHalfLineShown = 200;

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

// Why the sandbox was ended.
std::string explain(const runner::note::LimitReached& limit) {
  if (limit.limit == "memory") {
    return "What ran in the sandbox took more memory than it may (" + std::to_string(limit.allowed >> 20) +
           " MB), so all of it was ended. What was said until then is kept; your next message goes on.";
  }
  return "There were more than " + std::to_string(limit.allowed) +
         " processes in the sandbox, so all of them were ended. What was said until then is kept; your next message goes on.";
}

model::ModelCall as_call(const runner::note::ModelCall& note) {
  return {.id = note.id,
          .model = note.model,
          .status = note.status,
          .usage = {.input_tokens = note.input_tokens,
                    .output_tokens = note.output_tokens,
                    .cache_read_tokens = note.cache_read_tokens,
                    .cache_write_tokens = note.cache_write_tokens,
                    .requests = 1},
          .started_at = {note.started_micros},
          .ended_at = {note.ended_micros},
          .error = note.error};
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

void Session::set_busy(bool busy) {
  if (busy && !busy_) ++turn_;
  if (busy != busy_) heard();
  busy_ = busy;
  active_at_ = services_.clock.now();
  publish();
  changed_.notify();
}

std::optional<std::string> Session::attention() const {
  if (auto asked = consents_.attention()) return asked;
  return failed_turn_ && !busy_ ? std::optional<std::string>("error") : std::nullopt;
}

// What readers are to know of the session now; what has not changed is not told again.
void Session::publish() {
  if (over_) return;
  services_.feed.set_presence(run_.id, {busy_, attention()});
  services_.feed.set_session(run_.id, describe());
}

Task<> Session::on_record(const runner::Record& record) {
  const Timestamp at{record.micros};
  heard();
  if (record.kind == runner::RecordKind::kErr) {
    base::log_debug("agent says on stderr", {{"run", run_.id}, {"text", base::trim(record.payload)}});
    co_return;
  }
  if (record.kind == runner::RecordKind::kNote) {
    const auto note = runner::decode_note(record.payload);
    if (note) co_await on_note(*note, record.end_offset, at);
    co_return;
  }
  claude::Outcome all;
  for (const claude::Event& event : claude::parse_line(record.payload)) {
    if (const auto* request = std::get_if<claude::ControlRequest>(&event)) {
      co_await on_request(*request, record.end_offset, at);
    } else if (const auto* cancelled = std::get_if<claude::ControlCancel>(&event)) {
      co_await on_cancelled(cancelled->request_id, record.end_offset);
    } else {
      all.merge(transcript_->on(event, at));
    }
  }
  co_await apply(std::move(all), record.end_offset, at);
}

Task<> Session::on_note(const runner::Note& note, std::uint64_t end_offset, Timestamp at) {
  if (const auto* exit = std::get_if<runner::note::Exit>(&note)) {
    co_await on_exit(*exit, end_offset, at);
  } else if (const auto* refused = std::get_if<runner::note::InputRefused>(&note)) {
    if (Inbox::Entry* entry = inbox_.find_uuid(refused->id)) entry->sent = false;
  } else if (const auto* started = std::get_if<runner::note::ModelCallStarted>(&note)) {
    model_calls_.insert(started->id);
  } else if (const auto* call = std::get_if<runner::note::ModelCall>(&note)) {
    model_calls_.erase(call->id);
    std::vector<store::Change> changes;
    changes.emplace_back(store::RecordModelCall{run_.id, as_call(*call)});
    co_await commit(std::move(changes), end_offset);
    publish();
  } else if (const auto* limit = std::get_if<runner::note::LimitReached>(&note)) {
    std::vector<store::Change> changes;
    changes.push_back(status_message(explain(*limit), model::MessageType::kError));
    told_death_ = co_await commit(std::move(changes), end_offset);
  } else if (const auto* half = std::get_if<runner::note::HalfLine>(&note)) {
    half_line_ = shortened(plain_text(half->text), kHalfLineShown);
  } else if (std::holds_alternative<runner::note::OutputClosed>(note)) {
    // It can say nothing any more; the next message starts another.
    tell(runner::message::Kill{});
  } else if (std::holds_alternative<runner::note::Oversize>(note)) {
    std::vector<store::Change> changes;
    changes.push_back(status_message("A line of the agent's output was too long and was left out", model::MessageType::kError));
    co_await commit(std::move(changes), end_offset);
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
  } else if (end.interrupted && making_room_) {
    changes.push_back(status_message("Stopped for your message"));
  } else if (end.interrupted && !refused_ && !ending_ && !stopped_silent_) {
    changes.push_back(status_message("Stopped by you"));
  }
  failed_turn_ = end.failed || refused_ || stopped_silent_;
  told_retry_ = refused_ = making_room_ = stopped_silent_ = false;
  failed_starts_ = 0;
}

Task<> Session::apply(claude::Outcome outcome, std::uint64_t end_offset, Timestamp at, std::vector<store::Change> more) {
  for (const claude::Live& live : outcome.live) show(live);
  std::vector<store::Change> changes;
  if (outcome.session) {
    // A turn begins. The echo of the message that it answers comes only with the model's first words.
    in_turn_ = true;
    for (Inbox::Entry& entry : inbox_.entries()) {
      if (std::exchange(entry.opens_turn, false)) outcome.received.push_back(entry.uuid);
    }
  }
  if (outcome.turn_end) {
    in_turn_ = false;
    ++turn_;
  }
  if (outcome.turn_end || !outcome.received.empty()) deaths_ = 0;
  for (const std::string& uuid : outcome.received) {
    const Inbox::Entry* entry = inbox_.find_uuid(uuid);
    if (!entry) continue;
    changes.emplace_back(store::UpdateMessage{run_.id, entry->message.timestamp, at, {}});
    inbox_.remove(std::string(entry->message.id));
  }
  for (store::Change& change : outcome.changes) changes.push_back(std::move(change));
  add_log(changes, run_.id, log_of(outcome.live, at));
  if (outcome.retry) warn_of_retry(*outcome.retry, changes);
  if (outcome.turn_end) conclude(*outcome.turn_end, changes);
  if (outcome.model) model_ = *outcome.model;
  if (auto update = run_update(outcome)) changes.emplace_back(*std::move(update));
  for (store::Change& change : more) changes.push_back(std::move(change));

  answered_ = answered_ || outcome.answer || outcome.session;
  const bool news = !changes.empty() || outcome.turn_end;
  if (news) co_await commit(std::move(changes), end_offset);
  if (outcome.answer) take_answer(*outcome.answer);
  if (outcome.busy) set_busy(*outcome.busy || inbox_.expecting());
  if (outcome.turn_end) {
    send_waiting();
    renew_process();
  }
  // Not for each piece of text: those change nothing that is told here.
  if (!news) co_return;
  publish();
  changed_.notify();
}

// What of the agent's words belongs to the run.
std::optional<store::UpdateRun> Session::run_update(const claude::Outcome& outcome) {
  store::UpdateRun update{.run_id = run_.id};
  // It becomes an argument of the agent's program: whatever that says, it has to look like a name.
  const bool named = outcome.session && base::valid_id(*outcome.session) && !outcome.session->starts_with('-');
  if (named && *outcome.session != thread_.agent_session) {
    thread_.agent_session = *outcome.session;
    update.agent_session = thread_.agent_session;
  }
  if (outcome.cost_usd && options_.metered) update.cost_usd = cost_before_ + *outcome.cost_usd;
  if (outcome.context_tokens && *outcome.context_tokens != run_.context_tokens) update.context_tokens = outcome.context_tokens;
  if (outcome.context_window && *outcome.context_window != run_.context_window) update.context_window = outcome.context_window;
  // The agent changes its mode by itself when a plan was approved, or when it begins to plan.
  const auto mode = outcome.permission_mode ? claude::parse_mode_word(*outcome.permission_mode) : std::nullopt;
  if (mode && !chat() && *mode != std::exchange(agent_mode_, *mode) && *mode != run_.permission_mode) {
    update.permission_mode = mode;
    consents_.forget_granted();
  }
  const bool any =
      update.agent_session || update.cost_usd || update.context_tokens || update.context_window || update.permission_mode;
  return any ? std::optional(std::move(update)) : std::nullopt;
}

// The agent's program has answered a request of ours.
void Session::take_answer(const claude::ControlResponse& answer) {
  if (const auto asked = asked_.find(answer.request_id); asked != asked_.end()) {
    asked->second = answer;
    changed_.notify();
  } else if (Inbox::Entry* entry = given_back(answer)) {
    // The session is ending, or an earlier server asked for it. The agent does not take it under this name again.
    inbox_.take_back(*entry);
    send_waiting();
    changed_.notify();
  }
  if (answer.request_id != "initialize") return;
  if (const json::array* models = base::array_or_null(answer.response, "models")) models_ = *models;
  ready_ = true;
  send_waiting();
}

// A process that may do what the session no longer allows, or the other way round, gives way to another when it is idle.
void Session::renew_process() {
  const bool fits = chat() || free_process() == (run_.permission_mode == model::PermissionMode::kBypass);
  const bool plans = run_.permission_mode != model::PermissionMode::kPlan || agent_mode_ == model::PermissionMode::kPlan;
  if ((fits && plans) || busy_ || !ready_ || inbox_.expecting() || !link_ || !link_->live()) return;
  ready_ = false;
  tell(runner::message::CloseInput{});
}

// Stores and publishes. A store that cannot write now is waited for: the agent's words wait on the runner's disk meanwhile.
Task<bool> Session::commit(std::vector<store::Change> changes, std::optional<std::uint64_t> end_offset) {
  store::Commit wanted;
  wanted.changes = std::move(changes);
  add_log(wanted.changes, run_.id, log_of(wanted.changes, services_.clock.now()));
  if (end_offset) wanted.spool = {run_.id, (generation_ << kGenerationShift) + static_cast<std::int64_t>(*end_offset)};
  for (;;) {
    auto committed = co_await services_.feed.commit(wanted);
    if (committed) {
      if (committed->run) run_ = *committed->run;
      if (wanted.spool) run_.spool_offset = std::max(run_.spool_offset, wanted.spool->end);
      for (const model::Message& message : committed->appended) {
        if (transcript_) transcript_->stored(message);
      }
      for (const model::Permission& permission : committed->permissions) consents_.put(permission);
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

// Whether the agent is to be started for what waits: not for a message that no process has lived to receive.
bool Session::may_start() const { return inbox_.pressing() && deaths_ < kMaxDeaths; }

// What becomes of the conversation after a process or a turn that broke off.
std::string Session::what_is_next(int deaths) const {
  if (!inbox_.pressing()) return "Your next message goes on with the same conversation.";
  if (deaths < kMaxDeaths) return "What waits is next.";
  return "It ended so twice before it received what waits, which is not tried again by itself: change it, take it back, or send "
         "another message.";
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
  inbox_.unsend();
  model_calls_.clear();
  outcome.busy.reset();
  const std::string tail = shortened(std::string(base::trim(plain_text(exit.stderr_tail))), 2000);
  if (never_ready && !ending_ && !thread_.agent_session.empty()) ++failed_starts_;
  if (failed_starts_ >= kMaxFailedStarts) {
    co_await apply(std::move(outcome), end_offset, at);
    co_await finish(model::RunStatus::kFailed, model::MessageType::kError,
                    display_name() + "'s process " + how + " right after its start." + (tail.empty() ? "" : "\n\n" + tail));
    co_return;
  }
  if (mid_turn && !ending_ && !never_ready) ++deaths_;
  std::vector<store::Change> more = cancel_pending();
  if (mid_turn && !ending_ && !never_ready && !stopped_silent_ && !told_death_) {
    failed_turn_ = true;
    const std::string half = half_line_.empty() ? "" : "\n\nIt broke off in the middle of a line:\n" + half_line_;
    more.push_back(status_message(display_name() + "'s process " + how +
                                      " in the middle of its work. What it had said is kept. " + what_is_next(deaths_) + half +
                                      (tail.empty() ? "" : "\n\n" + tail),
                                  model::MessageType::kError));
  }
  co_await apply(std::move(outcome), end_offset, at, std::move(more));
  stopped_silent_ = making_room_ = told_death_ = false;
  set_busy(may_start() && !ending_);
}

}  // namespace omakase::agents
