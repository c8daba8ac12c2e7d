// What every engine must do, as tests: a fixture over one open store. An engine runs the suites MessageLogContract and
// CatalogContract by instantiating them with its Engine. One loop, run by hand; the clock stands still unless the test moves it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "runtime/loop.h"
#include "runtime/task_group.h"
#include "store/catalog.h"
#include "store/message_log.h"
#include "store/people.h"

namespace omakase::store::contract {

// A folder that goes away with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "omakase-store-XXXXXX").string();
    if (mkdtemp(path.data())) path_ = path;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class OpenStore {
 public:
  virtual ~OpenStore() = default;
  virtual MessageLog& messages() = 0;
  virtual Catalog& catalog() = 0;
  virtual People& people() = 0;
};

struct Engine {
  std::string name;
  // Opens what is kept in `folder`; the same folder again gives the same data.
  std::function<std::unique_ptr<OpenStore>(const std::filesystem::path& folder, runtime::Executor loop, const base::Clock& clock)>
      open;
};

// Names the engine in a test's name and in a failure.
inline std::string engine_name(const testing::TestParamInfo<const Engine*>& info) { return info.param->name; }
inline void PrintTo(const Engine* engine, std::ostream* out) { *out << engine->name; }

// What is stored by default; a test changes what it is about.
inline model::Run a_run(std::string id) {
  return {.id = std::move(id), .agent_name = "nori", .project_id = "project", .started_at = {1'000'000}};
}
inline model::Run a_session(std::string id, std::string project_id) {
  model::Run run = a_run(std::move(id));
  run.kind = model::RunKind::kWorkSession;
  run.project_id = std::move(project_id);
  return run;
}
inline model::Thread a_thread(std::string id, std::int64_t created_at = 1) {
  return {.id = std::move(id), .agent_name = "nori", .project_id = "project", .title = "A thread", .created_at = {created_at}};
}
inline model::Project a_project(std::string id, std::int64_t created_at = 1) {
  return {.id = std::move(id), .name = "A project", .created_at = {created_at}};
}
inline AppendMessage a_message(std::string run_id, std::string id, std::string content = "hello") {
  return {.message = {.id = std::move(id), .run_id = std::move(run_id), .content = std::move(content)}};
}
inline AppendMessage a_given_message(std::string run_id, std::string id, std::string content = "hello") {
  AppendMessage append = a_message(std::move(run_id), std::move(id), std::move(content));
  append.id_given = true;
  return append;
}

template <typename Row>
std::vector<std::string> ids(const std::vector<Row>& rows) {
  std::vector<std::string> out;
  out.reserve(rows.size());
  for (const Row& row : rows) out.push_back(row.id);
  return out;
}

class StoreContract : public testing::TestWithParam<const Engine*> {
 protected:
  StoreContract() { reopen(); }

  void reopen() {
    store_.reset();
    store_ = GetParam()->open(folder_.path(), loop_.executor(), clock_);
  }

  MessageLog& messages() { return store_->messages(); }
  Catalog& catalog() { return store_->catalog(); }
  People& people() { return store_->people(); }

  template <typename T>
  T run(Task<T> task) {
    return runtime::run_task(loop_, std::move(task));
  }

  // Runs a task that must succeed.
  template <typename T>
  T must(Task<Result<T>> task) {
    Result<T> result = run(std::move(task));
    if (!result) throw std::runtime_error(result.error().code + ": " + result.error().detail);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  // The code of the error with which a task must fail.
  template <typename T>
  std::string code(Task<Result<T>> task) {
    Result<T> result = run(std::move(task));
    return result ? "no error" : result.error().code;
  }

  // Runs tasks at the same time: their results, in the tasks' order.
  template <typename T>
  std::vector<T> all(std::vector<Task<T>> tasks) {
    return runtime::run_task(loop_, join_all(loop_, std::move(tasks)));
  }

  Task<Result<Committed>> commit(Change change) {
    Commit commit;
    commit.changes.push_back(std::move(change));
    return messages().commit(std::move(commit));
  }
  void start(model::Run run) { must(commit(StartRun{std::move(run)})); }
  model::Message append(AppendMessage append) { return must(commit(std::move(append))).appended.at(0); }
  std::vector<model::Message> list(MessageQuery query) { return must(messages().list(std::move(query))); }
  // m0 to m9 in the run "ten", ten bytes each, the odd ones by the agent: their timestamps.
  std::vector<Timestamp> append_ten() {
    start(a_run("ten"));
    std::vector<Timestamp> times;
    for (int i = 0; i < 10; ++i) {
      AppendMessage next = a_message("ten", "m" + std::to_string(i), std::string(10, 'x'));
      if (i % 2 == 1) next.message.sender = model::Sender::kAgent;
      times.push_back(append(next).timestamp);
    }
    return times;
  }
  std::vector<std::string> ids_of_ten(MessageQuery query) {
    query.id = "ten";
    return ids(list(std::move(query)));
  }
  std::vector<std::string> ids_of_run(std::string run_id) { return ids(list({.id = std::move(run_id)})); }

 private:
  template <typename T>
  static Task<> keep(Task<T> task, std::optional<T>& out) {
    out.emplace(co_await std::move(task));
  }
  template <typename T>
  static Task<std::vector<T>> join_all(runtime::Loop& loop, std::vector<Task<T>> tasks) {
    std::vector<std::optional<T>> kept(tasks.size());
    runtime::TaskGroup group(loop.executor());
    for (std::size_t i = 0; i < tasks.size(); ++i) group.spawn("task", keep(std::move(tasks[i]), kept[i]));
    co_await group.join();
    std::vector<T> results;
    results.reserve(kept.size());
    for (auto& result : kept) results.push_back(*std::move(result));
    co_return results;
  }

 protected:
  TemporaryFolder folder_;
  runtime::Loop loop_;
  base::ManualClock clock_;
  std::unique_ptr<OpenStore> store_;
};

class MessageLogContract : public StoreContract {};
class CatalogContract : public StoreContract {};
class PeopleContract : public StoreContract {};

}  // namespace omakase::store::contract
