// The part of a session that takes up a runner: the one that an earlier server left, or its own after the connection broke.
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>
#include <utility>

#include "agents/claude/input.h"
#include "agents/claude/launch.h"
#include "agents/session.h"
#include "base/log.h"
#include "runner/presence.h"
#include "runtime/loop.h"

namespace omakase::agents {

namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kReachLimit = 5s;  // for a runner that is there, and may just be starting

}  // namespace

// Takes up what an earlier server left: true when the agent has been started before. That server may have started a process and
// died before it could store that it did.
Task<bool> Session::attach() {
  bool found = false;
  const std::int64_t stored = generation_;
  for (const std::int64_t generation : {stored + 1, stored}) {
    if (link_ || runner::find(runner_folder(generation)) == runner::Presence::kNone) continue;
    found = true;
    if (co_await reach(runner_folder(generation))) generation_ = generation;
  }
  // Restored from a backup: the workspace is there, its runners are not.
  std::error_code ignored;
  found = found || (stored > 0 && std::filesystem::exists(folders_.workspace, ignored));
  if (!link_) co_return found;  // the next message starts the agent again
  if (generation_ != stored) run_.spool_offset = generation_ << kGenerationShift;
  ready_ = link_->live();
  process_mode_ = agent_mode_ = claude::started_mode(runner_folder());
  network_ = claude::started_network(runner_folder());
  transcript_ = std::make_unique<claude::Transcript>(run_.id, run_.role);
  co_await replay_known(known_offset());
  co_await load_consents();
  if (run_.status == model::RunStatus::kStarted) co_await tell_coding();
  // Once for each process: it may not have been told.
  send_line("initialize", claude::initialize_line("initialize"));
  send_waiting();
  co_return true;
}

// Connects to the runner in this folder, or to what it left. One that lives and does not answer is ended: of two agents in one
// workspace no good comes.
Task<bool> Session::reach(std::string folder) {
  bool ended = false;
  auto deadline = std::chrono::steady_clock::now() + kReachLimit;
  while (std::chrono::steady_clock::now() < deadline) {
    auto connected = co_await runner::RunnerLink::connect(folder, 0);
    if (connected) {
      link_ = *std::move(connected);
      co_return true;
    }
    base::log_warn("cannot reach a runner", {{"folder", folder}, {"error", connected.error().detail}});
    if (runner::find(folder) == runner::Presence::kNone) break;
    const bool starting = connected.error().code == "runner_gone";
    if (!starting && !std::exchange(ended, true)) {
      if (const auto pid = runner::runner_pid(folder)) kill(*pid, SIGKILL);
      deadline = std::chrono::steady_clock::now() + kReachLimit;
    }
    if (!co_await runtime::sleep_for(100ms)) break;
  }
  link_.reset();
  co_return false;
}

// Reads again what is stored already, to know where the conversation stands: whether a turn runs, which tools, what is being
// written.
Task<> Session::replay_known(std::uint64_t stored) {
  std::unordered_map<std::string, Timestamp> known;
  const auto messages =
      co_await services_.log.list({.id = run_.id, .last = true, .sender = model::Sender::kAgent, .limit = 1000});
  if (messages) {
    for (const model::Message& message : *messages) known[message.id] = message.timestamp;
  }
  busy_ = false;
  std::vector<claude::Live> writing;
  double cost = 0;
  for (std::uint64_t at = 0; at < stored;) {
    const auto record = co_await link_->next();
    if (!record || !*record) break;
    if (at == 0) process_started_ = {(*record)->micros};
    at = (*record)->end_offset;
    if ((*record)->kind == runner::RecordKind::kNote) {
      const auto note = runner::decode_note((*record)->payload);
      if (const auto* written = note ? std::get_if<runner::note::InputWritten>(&*note) : nullptr) written_.insert(written->id);
    }
    if ((*record)->kind != runner::RecordKind::kOut) continue;
    for (const claude::Event& event : claude::parse_line((*record)->payload)) {
      claude::Outcome outcome = transcript_->on(event, {(*record)->micros});
      for (claude::Live& live : outcome.live) {
        const bool closes =
            std::holds_alternative<claude::live::Complete>(live) || std::holds_alternative<claude::live::Dropped>(live);
        if (closes) writing.clear();
        if (!closes) writing.push_back(std::move(live));
      }
      for (const store::Change& change : outcome.changes) {
        const auto* append = std::get_if<store::AppendMessage>(&change);
        const auto timestamp = append ? known.find(append->message.id) : known.end();
        if (timestamp == known.end()) continue;
        model::Message message = append->message;
        message.timestamp = timestamp->second;
        transcript_->stored(message);
      }
      answered_ = answered_ || outcome.answer || outcome.session;
      if (const json::array* models = outcome.answer ? base::array_or_null(outcome.answer->response, "models") : nullptr) {
        models_ = *models;
      }
      if (Inbox::Entry* entry = outcome.answer ? given_back(*outcome.answer) : nullptr) inbox_.take_back(*entry);
      if (outcome.busy) busy_ = *outcome.busy;
      if (outcome.session || outcome.turn_end) in_turn_ = !outcome.turn_end;
      if (outcome.cost_usd) cost = *outcome.cost_usd;
      if (outcome.model) model_ = *outcome.model;
      if (outcome.permission_mode) agent_mode_ = claude::parse_mode_word(*outcome.permission_mode).value_or(agent_mode_);
    }
  }
  cost_before_ = std::max(0.0, run_.cost_usd.value_or(0) - cost);
  for (const claude::Live& live : writing) show(live);
  set_busy(busy_);
}

}  // namespace omakase::agents
