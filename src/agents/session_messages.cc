// The part of a session that gives the agent a person's messages, and lets the person change those that it has not received.
#include <algorithm>

#include "agents/claude/input.h"
#include "agents/session.h"
#include "base/ids.h"
#include "base/log.h"

namespace omakase::agents {

namespace {

using std::chrono_literals::operator""s;

constexpr auto kAnswerLimit = 5s;                                // for the agent to answer a request of ours
constexpr auto kGiveBackLimit = std::chrono::milliseconds(500);  // for all that it has, before it is ended
constexpr std::string_view kTakeBack = "take-back-";

}  // namespace

// A person's message was stored: it goes to the agent as soon as that can take input.
void Session::on_message(const model::Message& message) {
  if (message.sender != model::Sender::kUser || message.delivered_at) return;
  active_at_ = services_.clock.now();
  failed_turn_ = false;
  deaths_ = 0;
  inbox_.put(message);
  send_waiting();
  publish();
  changed_.notify();
}

// The files of what waits are read before its turn comes: from then on everything goes without a pause.
void Session::read_files() {
  while (Inbox::Entry* entry = inbox_.to_read()) {
    entry->reading = true;
    tasks_.spawn("attachments", read_files_of(entry->message.id, entry->message.attachments));
  }
}

// What is gone by then is left out: the message is not.
Task<> Session::read_files_of(std::string message_id, std::vector<model::Attachment> attachments) {
  auto files = std::make_shared<std::vector<model::AttachedFile>>();
  for (const model::Attachment& attachment : attachments) {
    auto file = co_await services_.catalog.attached_file(attachment.id);
    if (file && *file) files->push_back(**std::move(file));
    if (file) continue;
    base::log_error("an attachment was not read", {{"run", run_.id}, {"error", file.error().detail}});
    files = nullptr;  // the next message, or the next start of the agent, tries again
    break;
  }
  Inbox::Entry* entry = inbox_.find(message_id);
  if (!entry) co_return;
  entry->files = std::move(files);
  entry->reading = false;
  if (entry->files) send_waiting();
}

void Session::send_waiting() {
  read_files();
  if (!ready_ || !link_ || !link_->live() || ending_) return;
  const bool idle = !in_turn_ && !inbox_.expecting();
  for (Inbox::Entry* entry : inbox_.sendable(idle)) {
    if (!send_entry(*entry, idle)) return;
  }
}

bool Session::send_entry(Inbox::Entry& entry, bool idle) {
  const bool now = entry.now && !idle;
  if (now) {
    // The interrupt first: a message that is to be next does not end a running command by itself.
    making_room_ = true;
    send_line("interrupt-" + entry.uuid, claude::interrupt_line("interrupt-" + entry.uuid));
  }
  if (!link_->send(
          runner::message::Input{entry.uuid, entry.files ? claude::user_line(entry.uuid, entry.message.content, now, *entry.files)
                                                         : claude::user_line(entry.uuid, entry.message.content, now)})) {
    return false;
  }
  // The agent may have been idle when this was decided and not when it reads it; then the echo is the receipt.
  entry.opens_turn = (!in_turn_ && !inbox_.expecting()) || now;
  entry.sent = true;
  set_busy(true);
  return true;
}

void Session::tell(const runner::ServerMessage& message) {
  if (!link_ || !link_->live()) return;
  if (const auto sent = link_->send(message); !sent) {
    base::log_warn("a runner was not reached", {{"run", run_.id}, {"why", sent.error().detail}});
  }
}

void Session::send_line(std::string id, std::string line) { tell(runner::message::Input{std::move(id), std::move(line)}); }

// Asks the agent's program something; nullopt when it does not answer in time or is gone.
Task<std::optional<claude::ControlResponse>> Session::ask(std::string id, std::string line) {
  asked_[id] = std::nullopt;
  send_line(id, std::move(line));
  const auto deadline = std::chrono::steady_clock::now() + kAnswerLimit;
  while (!asked_[id] && link_ && link_->live() && !over_ && !detaching_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= runtime::Duration::zero() || !co_await changed_.wait_for(left)) break;
  }
  std::optional<claude::ControlResponse> response = std::move(asked_[id]);
  asked_.erase(id);
  co_return response;
}

// What became of a message that no longer waits.
Task<base::Failure> Session::why_gone(std::string message_id) {
  auto stored = co_await services_.log.find_message(run_.id, std::move(message_id));
  if (!stored) co_return std::unexpected(std::move(stored).error());
  if (!*stored) co_return base::not_found("message_not_found", "The run has no message of a person with this id.");
  if ((*stored)->withdrawn_at) co_return base::conflict("withdrawn", "This message was taken back.");
  if ((*stored)->delivered_at) {
    co_return base::conflict("already_delivered", display_name() + " has this message already.");
  }
  co_return base::conflict("run_not_active", "This run has ended.");
}

// The message that the agent says it has given back, when this is its answer to that.
Inbox::Entry* Session::given_back(const claude::ControlResponse& answer) {
  const json::value* cancelled = answer.response.if_contains("cancelled");
  if (!answer.request_id.starts_with(kTakeBack) || !cancelled || !cancelled->is_bool() || !cancelled->as_bool()) return nullptr;
  return inbox_.find_uuid(answer.request_id.substr(kTakeBack.size()));
}

// Makes sure that the agent does not have it and will not get it: the message is then here alone, marked as changing.
Task<Result<void>> Session::take_back(std::string message_id) {
  for (;;) {
    Inbox::Entry* entry = inbox_.find(message_id);
    if (!entry || over_) co_return co_await why_gone(message_id);
    if (!entry->changing) break;
    co_await changed_.wait();  // another person is at it
  }
  Inbox::Entry* entry = inbox_.find(message_id);
  entry->changing = true;
  if (!entry->sent) co_return Result<void>();
  const std::string id = std::string(kTakeBack) + entry->uuid;
  const auto response = co_await ask(id, claude::take_back_line(id, entry->uuid));
  entry = inbox_.find(message_id);
  if (!entry) {
    changed_.notify();
    co_return co_await why_gone(message_id);
  }
  if (!entry->sent || (response && given_back(*response))) {
    if (entry->sent) inbox_.take_back(*entry);
    co_return Result<void>();
  }
  entry->changing = false;
  changed_.notify();
  if (!response) {
    co_return base::fail(base::ErrorKind::kUnavailable, "agent_silent",
                         display_name() + " does not answer now; the message is as it was. Try again in a moment.");
  }
  co_return base::conflict("already_delivered", display_name() + " has this message already.");
}

// Before the agent is ended: what it has not begun is left for the next session, rather than begun in a turn that is stopped. An
// agent that does not answer is not waited for.
Task<> Session::take_all_back() {
  for (const Inbox::Entry& entry : inbox_.entries()) {
    const std::string id = std::string(kTakeBack) + entry.uuid;
    if (entry.sent) send_line(id, claude::take_back_line(id, entry.uuid));
  }
  const auto deadline = std::chrono::steady_clock::now() + kGiveBackLimit;
  while (inbox_.expecting() && link_ && link_->live() && !over_ && !detaching_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= runtime::Duration::zero() || !co_await changed_.wait_for(left)) break;
  }
}

Task<Result<model::Message>> Session::store_change(std::string message_id, const MessageChange& change) {
  store::Commit wanted;
  store::ChangeWaiting waiting{.run_id = run_.id, .message_id = message_id, .withdraw = change.withdraw};
  waiting.content = change.content;
  waiting.queued = change.now ? std::optional(false) : change.queued;
  wanted.changes.emplace_back(std::move(waiting));
  auto committed = co_await services_.feed.commit(std::move(wanted));
  if (!committed) co_return std::unexpected(std::move(committed).error());
  if (committed->updated.empty())
    co_return base::not_found("message_not_found", "The run has no message of a person with this id.");
  inbox_.put(committed->updated.front());
  co_return committed->updated.front();
}

// Moves it within the tray. What the agent was given in another order is asked back first; what it keeps, it keeps.
Task<Result<void>> Session::move_message(std::string message_id, std::size_t position) {
  std::vector<std::string> wanted = inbox_.ids();
  const auto at = std::ranges::find(wanted, message_id);
  if (at == wanted.end()) co_return co_await why_gone(message_id);
  if (position >= wanted.size()) co_return base::invalid("invalid_position", "\"position\" is no place in the list.", "position");
  wanted.erase(at);
  wanted.insert(wanted.begin() + static_cast<std::ptrdiff_t>(position), message_id);
  std::vector<std::string> taken;
  for (const std::string& id : wanted) {
    const Inbox::Entry* entry = inbox_.find(id);
    if (entry && entry->sent && !entry->changing && co_await take_back(id)) taken.push_back(id);
  }
  store::Commit commit;
  commit.changes.emplace_back(store::OrderWaiting{run_.id, wanted});
  auto committed = co_await services_.feed.commit(std::move(commit));
  if (committed) inbox_.order(wanted);
  for (const std::string& id : taken) {
    if (Inbox::Entry* entry = inbox_.find(id)) entry->changing = false;
  }
  if (!committed) co_return std::unexpected(std::move(committed).error());
  co_return Result<void>();
}

Task<Result<model::Message>> Session::change_message(std::string message_id, MessageChange change) {
  if (over_) co_return co_await why_gone(message_id);
  active_at_ = services_.clock.now();
  deaths_ = 0;
  if (change.position) {
    auto moved = co_await move_message(message_id, *change.position);
    send_waiting();
    changed_.notify();
    if (!moved) co_return std::unexpected(std::move(moved).error());
  }
  const bool more = change.content || change.queued || change.now || change.withdraw;
  if (!more) {
    const Inbox::Entry* entry = inbox_.find(message_id);
    if (!entry) co_return co_await why_gone(message_id);
    co_return entry->message;
  }
  if (auto taken = co_await take_back(message_id); !taken) {
    // Withdrawing again is harmless.
    if (change.withdraw && taken.error().code == "withdrawn") {
      OMAKASE_CO_TRY(const auto stored, co_await services_.log.find_message(run_.id, message_id));
      if (stored) co_return *stored;
    }
    co_return std::unexpected(std::move(taken).error());
  }
  auto changed = co_await store_change(message_id, change);
  if (Inbox::Entry* entry = inbox_.find(message_id)) {
    entry->changing = false;
    entry->now = changed && change.now;
  }
  send_waiting();
  publish();
  changed_.notify();
  co_return changed;
}

}  // namespace omakase::agents
