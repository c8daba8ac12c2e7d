#include "agents/claude/transcript.h"

#include <algorithm>

#include "agents/plain_text.h"
#include "base/ids.h"
#include "base/text.h"

namespace omakase::agents::claude {

namespace {

std::size_t count_lines(std::string_view text) {
  return text.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(text, '\n')) + (text.ends_with('\n') ? 0 : 1);
}

// One short line that tells how it went.
std::string summary_of(const model::ToolUse& use, const ToolResult& result) {
  if (use.tool == "Bash") {
    constexpr std::string_view kExit = "Exit code ";
    if (!result.is_error) return "exit 0";
    if (result.content.starts_with(kExit))
      return "exit " + result.content.substr(kExit.size(), result.content.find('\n') - kExit.size());
  }
  if (result.is_error) return "failed";
  if (result.lines_added && (*result.lines_added > 0 || *result.lines_removed > 0)) {
    return "+" + std::to_string(*result.lines_added) + " −" + std::to_string(*result.lines_removed);
  }
  const std::size_t lines = count_lines(result.content);
  if (use.tool == "Read" || use.tool == "Grep" || use.tool == "Glob")
    return std::to_string(lines) + (lines == 1 ? " line" : " lines");
  return std::string(base::utf8_prefix(std::string_view(result.content).substr(0, result.content.find('\n')), 80));
}

// Keeps what the input says, but not a megabyte of it.
json::object bounded(json::object input) {
  for (auto& [key, value] : input) {
    if (value.is_string() && value.as_string().size() > model::kMaxToolTextBytes) {
      value = shortened(value.as_string(), model::kMaxToolTextBytes);
    }
  }
  if (json::serialize(input).size() > 4 * model::kMaxToolTextBytes) return {{"omitted", "The input is too large to be shown."}};
  return input;
}

}  // namespace

void Outcome::merge(Outcome&& next) {
  std::ranges::move(next.live, std::back_inserter(live));
  std::ranges::move(next.changes, std::back_inserter(changes));
  std::ranges::move(next.received, std::back_inserter(received));
  if (next.busy) busy = next.busy;
  if (next.turn_end) turn_end = std::move(next.turn_end);
  if (next.session) session = std::move(next.session);
  if (next.model) model = std::move(next.model);
  if (next.cost_usd) cost_usd = next.cost_usd;
  if (next.permission_mode) permission_mode = std::move(next.permission_mode);
  if (next.context_tokens) context_tokens = next.context_tokens;
  if (next.context_window) context_window = next.context_window;
  if (next.compacting) compacting = next.compacting;
  if (next.retry) retry = std::move(next.retry);
  if (next.answer) answer = std::move(next.answer);
}

void Transcript::begin(const std::string& agent_id, bool streamed, Timestamp at, Outcome& outcome) {
  if (step_ && step_->agent_id == agent_id) return;
  // Text that was streamed but never confirmed is dropped: the model's answer broke off, and this is the next try.
  end_step(outcome);
  step_ = Step();
  step_->agent_id = agent_id;
  step_->message_id = base::derived_ulid(at, run_id_, agent_id);
  step_->streamed = streamed;
  outcome.live.emplace_back(live::Start{step_->message_id});
}

void Transcript::add(const Block& block, Timestamp at, Outcome& outcome) {
  // What the program says of a failed call comes again, better, with the turn's result.
  if (block.kind == Block::Kind::kOther || block.synthetic) return;
  begin(block.message_id, false, at, outcome);
  if (block.kind == Block::Kind::kText) {
    if (!step_->streamed) outcome.live.emplace_back(live::Delta{step_->message_id, block.text});
    if (!step_->text.empty() && !block.text.empty()) step_->text += "\n\n";
    step_->text += block.text;
    return;
  }
  model::ToolUse use;
  use.tool_use_id = block.tool_use_id;
  use.tool = block.tool;
  use.input = bounded(block.input);
  use.started_at = at;
  message_of_tool_[use.tool_use_id] = step_->message_id;
  outcome.live.emplace_back(live::Tool{step_->message_id, use});
  step_->tool_uses.push_back(std::move(use));
}

void Transcript::end_step(Outcome& outcome) {
  if (!step_) return;
  if (step_->text.empty() && step_->tool_uses.empty()) return drop_step(outcome);
  outcome.live.emplace_back(live::Complete{step_->message_id});
  const auto pieces = base::split_at_lines(step_->text, model::kMaxContentBytes);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    model::Message message;
    const bool last = i + 1 == pieces.size();
    message.id = last ? step_->message_id : base::derived_uuid(step_->message_id, std::to_string(i));
    message.run_id = run_id_;
    message.sender = model::Sender::kAgent;
    message.role = role_;
    message.content = pieces[i];
    if (last) message.tool_uses = step_->tool_uses;
    outcome.changes.emplace_back(store::AppendMessage{std::move(message), true, false});
  }
  step_.reset();
}

void Transcript::drop_step(Outcome& outcome) {
  if (!step_) return;
  outcome.live.emplace_back(live::Dropped{step_->message_id});
  step_.reset();
}

void Transcript::stored(const model::Message& message) {
  const bool running =
      std::ranges::any_of(message.tool_uses, [](const auto& use) { return use.status == model::ToolStatus::kRunning; });
  if (!running) return;
  for (const model::ToolUse& use : message.tool_uses) {
    if (use.status == model::ToolStatus::kRunning) message_of_tool_[use.tool_use_id] = message.id;
  }
  tools_[message.id] = {message.timestamp, message.id, message.tool_uses};
}

void Transcript::update(const Tools& tools, Outcome& outcome) {
  outcome.changes.emplace_back(store::UpdateMessage{run_id_, tools.timestamp, std::nullopt, tools.uses});
}

void Transcript::end_tool(const ToolResult& result, Timestamp at, Outcome& outcome) {
  // A tool may end before the step that asked for it: it is stored first.
  if (step_ && std::ranges::any_of(step_->tool_uses, [&](const auto& use) { return use.tool_use_id == result.tool_use_id; })) {
    for (model::ToolUse& use : step_->tool_uses) {
      if (use.tool_use_id != result.tool_use_id) continue;
      use.status = result.is_error ? model::ToolStatus::kError : model::ToolStatus::kDone;
      use.summary = summary_of(use, result);
      use.result = shortened(result.content, model::kMaxToolTextBytes);
      use.ended_at = at;
      outcome.live.emplace_back(live::ToolEnd{step_->message_id, use});
    }
    message_of_tool_.erase(result.tool_use_id);
    return end_step(outcome);
  }
  const auto owner = message_of_tool_.find(result.tool_use_id);
  const auto tools = owner == message_of_tool_.end() ? tools_.end() : tools_.find(owner->second);
  if (tools == tools_.end()) return;
  for (model::ToolUse& use : tools->second.uses) {
    if (use.tool_use_id != result.tool_use_id || use.status != model::ToolStatus::kRunning) continue;
    use.status = result.is_error ? model::ToolStatus::kError : model::ToolStatus::kDone;
    use.summary = summary_of(use, result);
    use.result = shortened(result.content, model::kMaxToolTextBytes);
    use.ended_at = at;
    outcome.live.emplace_back(live::ToolEnd{tools->second.message_id, use});
  }
  update(tools->second, outcome);
  message_of_tool_.erase(owner);
  if (std::ranges::none_of(tools->second.uses, [](const auto& use) { return use.status == model::ToolStatus::kRunning; }))
    tools_.erase(tools);
}

void Transcript::end_running_tools(Timestamp at, const std::string& summary, Outcome& outcome) {
  for (auto& [id, tools] : tools_) {
    for (model::ToolUse& use : tools.uses) {
      if (use.status != model::ToolStatus::kRunning) continue;
      use.status = model::ToolStatus::kError;
      use.summary = summary;
      use.ended_at = at;
    }
    update(tools, outcome);
  }
  tools_.clear();
  message_of_tool_.clear();
}

void Transcript::end_turn(const Result& result, Timestamp at, Outcome& outcome) {
  TurnEnd end;
  end.interrupted = result.terminal_reason.starts_with("aborted");
  end.failed = result.is_error && !end.interrupted;
  end.text = result.text;
  end.model_status = result.api_error_status;
  end.no_conversation = result.no_conversation;
  end_step(outcome);
  end_running_tools(at, end.interrupted ? "stopped" : "no result", outcome);
  if (result.total_cost_usd > 0) outcome.cost_usd = result.total_cost_usd;
  const auto window = result.context_windows.size() == 1 ? result.context_windows.begin() : result.context_windows.find(model_);
  if (window != result.context_windows.end()) outcome.context_window = window->second;
  tell_context(outcome);
  outcome.busy = false;
  outcome.turn_end = std::move(end);
}

void Transcript::count(const StepUsage& usage) {
  for (const auto part : {&StepUsage::input, &StepUsage::cache_read, &StepUsage::cache_write, &StepUsage::output}) {
    if (usage.*part) usage_.*part = usage.*part;
  }
}

// With the end of a step, when its message is stored anyway: at its beginning a person waits for the first word.
void Transcript::tell_context(Outcome& outcome) const {
  if (!usage_.input && !usage_.output) return;
  outcome.context_tokens =
      usage_.input.value_or(0) + usage_.cache_read.value_or(0) + usage_.cache_write.value_or(0) + usage_.output.value_or(0);
}

Outcome Transcript::on_exit(Timestamp at) {
  Outcome outcome;
  drop_step(outcome);
  end_running_tools(at, "stopped", outcome);
  tasks_.clear();
  outcome.busy = false;
  return outcome;
}

Outcome Transcript::on(const Event& event, Timestamp at) {
  Outcome outcome;
  if (const auto* init = std::get_if<Init>(&event)) {
    outcome.session = init->session_id;
    outcome.model = model_ = init->model;
    outcome.permission_mode = init->permission_mode;
    outcome.busy = true;
  } else if (const auto* start = std::get_if<MessageStart>(&event)) {
    begin(start->message_id, true, at, outcome);
    usage_ = {};
    outcome.busy = true;
  } else if (const auto* usage = std::get_if<StepUsage>(&event)) {
    count(*usage);
  } else if (const auto* delta = std::get_if<TextDelta>(&event)) {
    if (step_) outcome.live.emplace_back(live::Delta{step_->message_id, delta->text});
  } else if (const auto* block = std::get_if<Block>(&event)) {
    add(*block, at, outcome);
  } else if (std::holds_alternative<StepEnd>(event)) {
    end_step(outcome);
    tell_context(outcome);
  } else if (const auto* result = std::get_if<ToolResult>(&event)) {
    end_tool(*result, at, outcome);
  } else if (const auto* echo = std::get_if<UserEcho>(&event)) {
    outcome.received.push_back(echo->uuid);
  } else if (const auto* end = std::get_if<Result>(&event)) {
    end_turn(*end, at, outcome);
  } else if (const auto* changed = std::get_if<PermissionModeChanged>(&event)) {
    outcome.permission_mode = changed->mode;
  } else if (const auto* compaction = std::get_if<Compaction>(&event)) {
    outcome.compacting = compaction->running;
  } else if (const auto* task = std::get_if<TaskStarted>(&event)) {
    if (tasks_.size() < kMaxTasks) tasks_.emplace(task->task_id, task->description);
  } else if (const auto* ended = std::get_if<TaskEnded>(&event)) {
    tasks_.erase(ended->task_id);
  } else if (const auto* retry = std::get_if<ApiRetry>(&event)) {
    outcome.retry = *retry;
  } else if (const auto* state = std::get_if<SessionState>(&event)) {
    outcome.busy = state->state != "idle";
  } else if (const auto* answer = std::get_if<ControlResponse>(&event)) {
    outcome.answer = *answer;
  }
  return outcome;
}

}  // namespace omakase::agents::claude
