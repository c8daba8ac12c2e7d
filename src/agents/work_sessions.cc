#include "agents/work_sessions.h"

#include <algorithm>

#include "agents/forgetting.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"
#include "runner/retention.h"
#include "runtime/loop.h"

namespace omakase::agents {

namespace {

constexpr std::size_t kMaxTitle = 72;
constexpr std::int64_t kUnusedAttachments = std::int64_t{24} * 3600 * 1'000'000;  // in microseconds

// The first line of what the person wants, for a thread without a title.
std::string title_from(std::string_view prompt, const std::vector<model::Attachment>& attachments) {
  if (base::trim(prompt).empty() && !attachments.empty()) return attachments.front().name;
  std::string_view line = base::trim(prompt);
  line = base::trim(line.substr(0, line.find('\n')));
  if (line.size() <= kMaxTitle) return std::string(line);
  std::string_view cut = base::utf8_prefix(line, kMaxTitle);
  if (const std::size_t blank = cut.rfind(' '); blank != std::string_view::npos && blank > kMaxTitle / 2)
    cut = cut.substr(0, blank);
  return std::string(cut) + "…";
}

}  // namespace

WorkSessions::WorkSessions(SessionServices services, SessionOptions options)
    : services_(std::move(services)),
      options_(std::move(options)),
      tasks_(services_.executor),
      upkeep_(services_.executor),
      started_(services_.executor) {
  services_.counts = &counts_;
}

WorkSessions::~WorkSessions() = default;

Session& WorkSessions::hold(model::Run run, model::Project project, model::Thread thread) {
  const std::string id = run.id;
  auto session = std::make_shared<Session>(services_, options_, std::move(run), std::move(project), std::move(thread));
  return *sessions_.emplace(id, std::move(session)).first->second;
}

// A call that takes its time keeps the session it is about.
std::shared_ptr<Session> WorkSessions::held(const std::string& run_id) const {
  const auto found = sessions_.find(run_id);
  return found == sessions_.end() ? nullptr : found->second;
}

Task<Result<void>> WorkSessions::recover() {
  OMAKASE_CO_TRY(auto runs, co_await services_.log.active_runs(model::RunKind::kWorkSession));
  OMAKASE_CO_TRY(const auto chats, co_await services_.log.active_runs(model::RunKind::kChat));
  runs.insert(runs.end(), chats.begin(), chats.end());
  for (const model::Run& run : runs) {
    OMAKASE_CO_TRY(const auto project, co_await services_.catalog.project(run.project_id));
    OMAKASE_CO_TRY(const auto thread, co_await services_.catalog.thread(run.thread_id.value_or("")));
    if (!project || !thread) {
      base::log_error("a work session without its project or thread", {{"run", run.id}});
      OMAKASE_CO_CHECK(co_await close_run(run.id));
      continue;
    }
    // What was published before this server is in the store; the feed has to know the run before its agent speaks.
    OMAKASE_CO_CHECK(co_await services_.feed.prepare(run.id));
    hold(run, project->project, thread->thread).start(true);
    ++counts_.taken_up;
    base::log_info("work session taken up", {{"run", run.id}, {"project", run.project_id}});
  }
  upkeep_.spawn("tidying", tidy());
  co_return Result<void>();
}

Task<Result<model::Thread>> WorkSessions::thread_for(const Start& start, base::Timestamp now) {
  if (!start.thread_id) {
    model::Thread thread;
    thread.id = base::new_ulid(now);
    thread.agent_name = start.agent_name;
    thread.project_id = start.project_id;
    thread.title = title_from(*start.prompt, start.attachments);
    thread.created_at = now;
    thread.permission_mode = start.permission_mode.value_or(options_.permission_mode);
    thread.model = start.model;
    OMAKASE_CO_TRY(thread, co_await services_.catalog.create_thread(std::move(thread)));
    services_.feed.thread_changed(thread);
    co_return thread;
  }
  OMAKASE_CO_TRY(auto found, co_await services_.catalog.thread(*start.thread_id));
  if (!found || found->thread.project_id != start.project_id || found->thread.agent_name != start.agent_name) {
    co_return base::not_found("thread_not_found", "This agent has no thread with this id in the project.");
  }
  store::ThreadPatch patch;
  if (found->thread.title.empty() && start.prompt)
    patch.title = found->thread.title = title_from(*start.prompt, start.attachments);
  if (start.permission_mode) patch.permission_mode = found->thread.permission_mode = *start.permission_mode;
  if (start.model) patch.model = found->thread.model = start.model;
  if (patch.title || patch.permission_mode || patch.model) {
    OMAKASE_CO_CHECK(co_await services_.catalog.update_thread(found->thread.id, std::move(patch)));
    services_.feed.thread_changed(found->thread);
  }
  co_return std::move(found->thread);
}

Task<Result<WorkSessions::Started>> WorkSessions::start(Start start) {
  const model::Agent* agent = model::find_agent(start.agent_name);
  if (!agent) co_return base::not_found("agent_not_found", "There is no agent with this name.");
  if (!start.thread_id && !start.prompt) co_return base::invalid("required", "\"prompt\" is required.", "prompt");
  OMAKASE_CO_TRY(auto summary, co_await services_.catalog.project(start.project_id));
  if (!summary) co_return base::not_found("project_not_found", "There is no project with this id.");
  if (summary->project.archived_at) {
    co_return base::conflict("project_archived", "This project is archived; restore it first.");
  }
  if (!summary->project.repo_url) co_return base::invalid("no_repo_url", "Project has no repository URL configured", "projectId");

  const base::Timestamp now = services_.clock.now();
  if (!start.thread_id) {
    // A project's work session is found before a thread is made that it would not need.
    OMAKASE_CO_TRY(const auto active, co_await services_.log.active_session(start.project_id));
    if (active) co_return Started{*active, active->thread_id.value_or(""), true, std::nullopt};
  }
  OMAKASE_CO_TRY(model::Thread thread, co_await thread_for(start, now));
  // Of several first messages of one thread, one starts the session.
  while (starting_.contains(thread.id)) co_await started_.wait();
  struct Turn {
    WorkSessions& sessions;
    std::string thread_id;
    Turn(WorkSessions& all, std::string id) : sessions(all), thread_id(std::move(id)) { sessions.starting_.insert(thread_id); }
    ~Turn() {
      sessions.starting_.erase(thread_id);
      sessions.started_.notify();
    }
  } turn(*this, thread.id);
  co_return co_await start_in(start, *agent, std::move(summary->project), std::move(thread));
}

// The session that there is already: of the project in work mode, of the thread in chat mode.
Task<Result<std::optional<WorkSessions::Started>>> WorkSessions::existing(const model::Thread& thread) {
  OMAKASE_CO_TRY(auto run, co_await services_.log.active_run_of_thread(thread.id));
  if (!run || !model::is_session(run->kind)) {
    run.reset();
    if (thread.mode == model::ThreadMode::kWork) {
      OMAKASE_CO_TRY(run, co_await services_.log.active_session(thread.project_id));
    }
  }
  if (!run) co_return std::nullopt;
  co_return Started{*run, run->thread_id.value_or(""), true, std::nullopt};
}

Task<Result<WorkSessions::Started>> WorkSessions::start_in(const Start& start, const model::Agent& agent, model::Project project,
                                                           model::Thread thread) {
  OMAKASE_CO_TRY(auto active, co_await existing(thread));
  if (active) co_return *std::move(active);
  forget_ended();
  const auto running = std::ranges::count_if(sessions_, [](const auto& one) { return !one.second->over(); });
  if (static_cast<std::size_t>(running) >= options_.max_sessions) {
    co_return base::fail(
        base::ErrorKind::kTooManyRequests, "too_many_sessions",
        "This server runs " + std::to_string(running) + " sessions, as many as it takes. End one, or try again later.");
  }
  const base::Timestamp now = services_.clock.now();
  model::Run run;
  run.id = base::new_ulid(now);
  run.kind = thread.mode == model::ThreadMode::kChat ? model::RunKind::kChat : model::RunKind::kWorkSession;
  run.agent_name = agent.name;
  run.role = agent.role;
  run.project_id = start.project_id;
  run.thread_id = thread.id;
  run.started_at = now;
  run.permission_mode = thread.permission_mode;
  run.model = thread.model;
  if (!run.model) {
    OMAKASE_CO_TRY(run.model, co_await services_.catalog.agent_model(run.agent_name));
  }
  store::Commit commit;
  commit.changes.emplace_back(store::StartRun{run});
  commit.changes.emplace_back(store::TakeOverWaiting{run.id});
  if (start.prompt) {
    model::Message prompt;
    prompt.id = start.message_id ? *start.message_id : base::new_ulid(now);
    prompt.run_id = run.id;
    prompt.sender = model::Sender::kUser;
    prompt.content = *start.prompt;
    prompt.author = start.author;
    prompt.attachments = start.attachments;
    commit.changes.emplace_back(store::AppendMessage{std::move(prompt), true, start.message_id.has_value()});
  }
  auto committed = co_await services_.feed.commit(std::move(commit));
  if (!committed && committed.error().code == "session_exists") {
    // Another thread was first.
    OMAKASE_CO_TRY(active, co_await existing(thread));
    if (active) co_return *std::move(active);
  }
  if (!committed) co_return std::unexpected(std::move(committed).error());
  OMAKASE_CO_CHECK(co_await services_.feed.prepare(run.id));
  hold(run, std::move(project), thread).start(false);
  ++counts_.started;
  Started started{run, thread.id, false, std::nullopt};
  if (!committed->appended.empty()) started.message = committed->appended.front();
  co_return started;
}

Result<void> WorkSessions::interrupt(const std::string& run_id) {
  const auto session = held(run_id);
  if (!session) return base::conflict("idle", "The agent is not working on anything now.");
  return session->interrupt();
}

Task<Result<model::Message>> WorkSessions::change_message(std::string run_id, std::string message_id, MessageChange change) {
  if (const auto session = held(run_id); session && !session->over()) {
    co_return co_await session->change_message(std::move(message_id), std::move(change));
  }
  // Of a run that a program outside carries out, or of one that has ended: the store knows what may still be changed.
  OMAKASE_CO_TRY(const auto run, co_await services_.log.run(run_id));
  if (!run) co_return base::not_found("run_not_found", "There is no run with this id.");
  if (!model::is_active(run->status) && !change.withdraw) co_return base::conflict("run_not_active", "This run has ended.");
  OMAKASE_CO_TRY(const auto waiting, co_await services_.log.undelivered(run_id));
  store::Commit wanted;
  if (change.position) {
    std::vector<std::string> order;
    order.reserve(waiting.size());
    for (const model::Message& message : waiting) order.push_back(message.id);
    const auto at = std::ranges::find(order, message_id);
    if (*change.position >= order.size())
      co_return base::invalid("invalid_position", "\"position\" is no place in the list.", "position");
    if (at != order.end()) {
      order.erase(at);
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(*change.position), message_id);
      wanted.changes.emplace_back(store::OrderWaiting{run_id, std::move(order)});
    }
  }
  wanted.changes.emplace_back(store::ChangeWaiting{run_id, message_id, change.content, std::nullopt, change.withdraw});
  OMAKASE_CO_TRY(const auto committed, co_await services_.feed.commit(std::move(wanted)));
  for (const model::Message& message : committed.updated) {
    if (message.id == message_id) co_return message;
  }
  co_return base::not_found("message_not_found", "The run has no message of a person with this id.");
}

Task<Result<model::Permission>> WorkSessions::answer(std::string run_id, std::string request_id, ConsentAnswer answer) {
  if (const auto session = held(run_id)) co_return co_await session->answer(std::move(request_id), std::move(answer));
  OMAKASE_CO_TRY(const auto stored, co_await services_.log.permission(run_id, request_id));
  if (!stored) co_return base::not_found("permission_not_found", "The run has no request of this id.");
  co_return base::conflict("already_answered", "This request is no longer pending.");
}

Task<Result<void>> WorkSessions::set_permission_mode(std::string run_id, model::PermissionMode mode) {
  if (const auto session = held(run_id)) co_return co_await session->set_permission_mode(mode);
  co_return base::conflict("run_not_active", "This run has ended.");
}

Task<Result<void>> WorkSessions::set_model(std::string run_id, std::optional<std::string> model) {
  if (const auto session = held(run_id)) co_return co_await session->set_model(std::move(model));
  co_return base::conflict("run_not_active", "This run has ended.");
}

Task<Result<model::Run>> WorkSessions::end(std::string run_id, std::string why) {
  OMAKASE_CO_TRY(auto run, co_await services_.log.run(run_id));
  if (!run || !model::is_session(run->kind))
    co_return base::not_found("session_not_found", "There is no work session with this id.");
  if (const auto session = held(run_id)) {
    co_await session->end(std::move(why));
    co_await discard(run_id);
    OMAKASE_CO_TRY(run, co_await services_.log.run(run_id));
  }
  if (model::is_active(run->status)) {
    OMAKASE_CO_CHECK(co_await close_run(run_id));
    OMAKASE_CO_TRY(run, co_await services_.log.run(run_id));
  }
  co_return *std::move(run);
}

// Ends a run that no session holds, so that it blocks its project no longer.
Task<Result<void>> WorkSessions::close_run(std::string run_id) {
  store::Commit commit;
  commit.changes.emplace_back(store::UpdateRun{.run_id = std::move(run_id), .status = model::RunStatus::kCompleted});
  OMAKASE_CO_CHECK(co_await services_.feed.commit(std::move(commit)));
  co_return Result<void>();
}

// Joins and forgets a session that is over; another may do so at the same time.
Task<> WorkSessions::discard(std::string run_id) {
  const auto found = sessions_.find(run_id);
  if (found == sessions_.end() || !found->second->over()) co_return;
  const std::shared_ptr<Session> session = std::move(found->second);
  sessions_.erase(found);
  co_await session->detach();
}

void WorkSessions::forget_ended() {
  std::vector<std::string> ended;
  for (const auto& [id, session] : sessions_) {
    if (session->over()) ended.push_back(id);
  }
  for (const std::string& id : ended) tasks_.spawn("discard " + id, discard(id));
}

std::optional<json::object> WorkSessions::describe(const std::string& run_id) const {
  const auto session = held(run_id);
  if (!session) return std::nullopt;
  json::object known = session->describe();
  known["models"] = session->models();
  return known;
}

std::map<std::string, std::size_t> WorkSessions::states() const {
  std::map<std::string, std::size_t> states{{"idle", 0}, {"busy", 0}, {"waiting", 0}};
  for (const auto& [run_id, session] : sessions_) {
    if (!session->over()) ++states[session->attention() ? "waiting" : session->busy() ? "busy" : "idle"];
  }
  return states;
}

std::optional<std::string> WorkSessions::attention(const std::string& project_id) const {
  // From the gravest on.
  static constexpr std::string_view kGravest[] = {"permission", "question", "error"};
  for (std::string_view wanted : kGravest) {
    for (const auto& [id, session] : sessions_) {
      if (!session->over() && session->run().project_id == project_id && session->attention() == wanted)
        return std::string(wanted);
    }
  }
  return std::nullopt;
}

// At the start, and every hour: takes away what ended runners left longer ago than it is kept, and files that were given a day
// ago and never sent.
Task<> WorkSessions::tidy() {
  do {
    std::set<std::string> in_use;
    for (const auto& [id, session] : sessions_) {
      if (!session->over()) in_use.insert(std::filesystem::path(session->runner_folder()).filename().string());
    }
    const std::size_t gone = co_await disk_.run([this, in_use] {
      return runner::collect_garbage(options_.runners, in_use, options_.spool_retention,
                                     std::filesystem::file_time_type::clock::now());
    });
    if (gone > 0) base::log_info("ended runners tidied away", {{"folders", std::to_string(gone)}});
    const base::Timestamp unused{services_.clock.now().micros - kUnusedAttachments};
    if (const auto done = co_await services_.catalog.delete_unused_attachments(unused); !done) {
      base::log_warn("unused attachments were not tidied away", {{"error", done.error().detail}});
    }
  } while (co_await runtime::sleep_for(std::chrono::hours(1)));
}

Task<> WorkSessions::forget(const model::Thread& thread, std::vector<std::string> run_ids) {
  const Forgotten forgotten{thread.project_id, thread.agent_name, thread.agent_session, std::move(run_ids)};
  co_await disk_.run([this, forgotten] { return forget_files(options_, forgotten); });
}

Task<> WorkSessions::stop() {
  for (auto& [id, session] : sessions_) co_await session->detach();
  upkeep_.cancel();
  co_await upkeep_.join();
  co_await tasks_.join();
}

}  // namespace omakase::agents
