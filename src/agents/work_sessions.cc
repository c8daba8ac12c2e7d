#include "agents/work_sessions.h"

#include "base/ids.h"
#include "base/log.h"
#include "base/text.h"

namespace omakase::agents {

namespace {

constexpr std::size_t kMaxTitle = 72;

// The first line of what the person wants, for a thread without a title.
std::string title_from(std::string_view prompt) {
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
    : services_(std::move(services)), options_(std::move(options)), tasks_(services_.executor) {}

WorkSessions::~WorkSessions() = default;

Session& WorkSessions::hold(model::Run run, model::Project project, model::Thread thread) {
  const std::string id = run.id;
  auto session = std::make_unique<Session>(services_, options_, std::move(run), std::move(project), std::move(thread));
  return *sessions_.emplace(id, std::move(session)).first->second;
}

Task<Result<void>> WorkSessions::recover() {
  OMAKASE_CO_TRY(const auto runs, co_await services_.log.active_runs(model::RunKind::kWorkSession));
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
    base::log_info("work session taken up", {{"run", run.id}, {"project", run.project_id}});
  }
  co_return Result<void>();
}

Task<Result<model::Thread>> WorkSessions::thread_for(const Start& start, base::Timestamp now) {
  if (!start.thread_id) {
    model::Thread thread;
    thread.id = base::new_ulid(now);
    thread.agent_name = start.agent_name;
    thread.project_id = start.project_id;
    thread.title = title_from(start.prompt);
    thread.created_at = now;
    co_return co_await services_.catalog.create_thread(std::move(thread));
  }
  OMAKASE_CO_TRY(auto found, co_await services_.catalog.thread(*start.thread_id));
  if (!found || found->thread.project_id != start.project_id || found->thread.agent_name != start.agent_name) {
    co_return base::not_found("thread_not_found", "This agent has no thread with this id in the project.");
  }
  if (found->thread.mode == model::ThreadMode::kChat) {
    co_return base::conflict("chat_unavailable", "Chat mode is not available yet; switch the thread to work mode.");
  }
  if (found->thread.title.empty()) {
    found->thread.title = title_from(start.prompt);
    store::ThreadPatch patch;
    patch.title = found->thread.title;
    OMAKASE_CO_CHECK(co_await services_.catalog.update_thread(found->thread.id, std::move(patch)));
  }
  co_return std::move(found->thread);
}

Task<Result<WorkSessions::Started>> WorkSessions::start(Start start) {
  const model::Agent* agent = model::find_agent(start.agent_name);
  if (!agent) co_return base::not_found("agent_not_found", "There is no agent with this name.");
  OMAKASE_CO_TRY(const auto summary, co_await services_.catalog.project(start.project_id));
  if (!summary) co_return base::not_found("project_not_found", "There is no project with this id.");
  if (summary->project.archived_at) {
    co_return base::conflict("project_archived", "This project is archived; restore it first.");
  }
  if (!summary->project.repo_url) co_return base::invalid("no_repo_url", "Project has no repository URL configured", "projectId");

  OMAKASE_CO_TRY(const auto existing, co_await services_.log.active_session(start.project_id));
  if (existing) co_return Started{*existing, existing->thread_id.value_or(""), true, std::nullopt};

  const base::Timestamp now = services_.clock.now();
  OMAKASE_CO_TRY(const model::Thread thread, co_await thread_for(start, now));
  model::Run run;
  run.id = base::new_ulid(now);
  run.kind = model::RunKind::kWorkSession;
  run.agent_name = agent->name;
  run.role = agent->role;
  run.project_id = start.project_id;
  run.thread_id = thread.id;
  run.started_at = now;
  model::Message prompt;
  prompt.id = start.message_id ? *start.message_id : base::new_ulid(now);
  prompt.run_id = run.id;
  prompt.sender = model::Sender::kUser;
  prompt.content = start.prompt;
  store::Commit commit;
  commit.changes.emplace_back(store::StartRun{run});
  commit.changes.emplace_back(store::AppendMessage{std::move(prompt), true, start.message_id.has_value()});
  auto committed = co_await services_.feed.commit(std::move(commit));
  if (!committed && committed.error().code == "session_exists") {
    // Somebody else was first.
    OMAKASE_CO_TRY(const auto first, co_await services_.log.active_session(start.project_id));
    if (first) co_return Started{*first, first->thread_id.value_or(""), true, std::nullopt};
  }
  if (!committed) co_return std::unexpected(std::move(committed).error());
  OMAKASE_CO_CHECK(co_await services_.feed.prepare(run.id));
  forget_ended();
  hold(run, summary->project, thread).start(false);
  co_return Started{run, thread.id, false, committed->appended.front()};
}

Result<void> WorkSessions::interrupt(const std::string& run_id) {
  const auto session = sessions_.find(run_id);
  if (session == sessions_.end()) return base::conflict("idle", "The agent is not working on anything now.");
  return session->second->interrupt();
}

Task<Result<model::Run>> WorkSessions::end(std::string run_id) {
  OMAKASE_CO_TRY(auto run, co_await services_.log.run(run_id));
  if (!run || run->kind != model::RunKind::kWorkSession)
    co_return base::not_found("session_not_found", "There is no work session with this id.");
  if (const auto session = sessions_.find(run_id); session != sessions_.end()) {
    co_await session->second->end("Session ended");
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
  const std::unique_ptr<Session> session = std::move(found->second);
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
  const auto session = sessions_.find(run_id);
  if (session == sessions_.end()) return std::nullopt;
  return session->second->describe();
}

Task<> WorkSessions::stop() {
  for (auto& [id, session] : sessions_) co_await session->detach();
  co_await tasks_.join();
}

}  // namespace omakase::agents
