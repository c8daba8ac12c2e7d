// The MessageLog on SQLite: writes through the write thread, reads through the readers. Owned by SqliteStore.
#pragma once

#include "store/message_log.h"
#include "store/sqlite/readers.h"
#include "store/sqlite/write_thread.h"

namespace omakase::store::sqlite {

class SqliteMessageLog final : public MessageLog {
 public:
  SqliteMessageLog(WriteThread& writer, Readers& readers) : writer_(writer), readers_(readers) {}

  Task<Result<Committed>> commit(Commit commit) override;
  Task<Result<std::vector<model::Message>>> list(MessageQuery query) override;
  Task<Result<std::vector<model::Message>>> undelivered(std::string run_id) override;
  Task<Result<std::vector<model::Message>>> changed_messages(std::string run_id, std::size_t limit) override;
  Task<Result<std::optional<model::Message>>> find_message(std::string run_id, std::string message_id) override;
  Task<Result<std::vector<model::Permission>>> permissions(std::string run_id, bool pending_only) override;
  Task<Result<std::optional<model::Permission>>> permission(std::string run_id, std::string request_id) override;
  Task<Result<std::optional<model::Message>>> find_given(std::string id) override;
  Task<Result<std::optional<model::Run>>> run(std::string run_id) override;
  Task<Result<std::optional<model::Run>>> run_by_token(std::string token_hash) override;
  Task<Result<std::optional<model::Run>>> active_session(std::string project_id) override;
  Task<Result<std::optional<model::Run>>> active_run_of_thread(std::string thread_id) override;
  Task<Result<std::vector<model::Run>>> active_runs(model::RunKind kind) override;
  Task<Result<std::vector<model::Run>>> active_runs_of_project(std::string project_id, std::size_t limit) override;
  Task<Result<std::vector<model::Run>>> runs_of_project(std::string project_id, std::optional<Timestamp> before,
                                                        std::size_t limit) override;
  Task<Result<LogPage>> log_lines(LogQuery query) override;
  Task<Result<SearchPage>> search(SearchQuery query) override;
  Task<Result<std::vector<model::Run>>> runs_of_agent(std::string agent_name, std::optional<std::string> project_id,
                                                      std::optional<Timestamp> before, std::size_t limit,
                                                      std::optional<std::string> member) override;
  Task<Result<model::RunTotals>> totals_of_agent(std::string agent_name, std::optional<std::string> project_id,
                                                 std::optional<std::string> member) override;
  Task<Result<Timestamp>> head() override;

 private:
  WriteThread& writer_;
  Readers& readers_;
};

}  // namespace omakase::store::sqlite
