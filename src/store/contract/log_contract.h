// What the tests of runs' logs have in common.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {

class LogContract : public StoreContract {
 protected:
  // Lines of two agents in one project, and of another project.
  void SetUp() override {
    StoreContract::SetUp();
    start(a_run("coder"));
    model::Run tester = a_run("tester");
    tester.agent_name = "toro";
    start(tester);
    model::Run elsewhere = a_run("elsewhere");
    elsewhere.project_id = "other";
    start(elsewhere);
  }
  void log(std::string run_id, std::vector<model::LogLine> lines) {
    must(commit(AppendLog{.run_id = std::move(run_id), .lines = std::move(lines)}));
  }
  LogPage page(LogQuery query) {
    if (query.project_id.empty()) query.project_id = a_run("coder").project_id;
    return must(messages().log_lines(std::move(query)));
  }
};

}  // namespace omakase::store::contract
