// What every engine must do with a person's messages that wait for their agent: the fixture, over one active run of a thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {

class WaitingContract : public StoreContract {
 protected:
  WaitingContract() {
    model::Run run = a_run("run");
    run.thread_id = "thread";
    must(catalog().create_thread(a_thread("thread")));
    start(run);
  }

  void append_waiting(int count) {
    for (int i = 1; i <= count; ++i) append(a_message("run", "m" + std::to_string(i), "text " + std::to_string(i)));
  }
  // The message after a change that must succeed.
  model::Message change(ChangeWaiting change) {
    change.run_id = "run";
    return must(commit(std::move(change))).updated.at(0);
  }
  std::string refusal(ChangeWaiting change) {
    change.run_id = "run";
    return code(commit(std::move(change)));
  }
  void deliver(const std::string& id) {
    const auto message = must(messages().find_message("run", id));
    must(commit(UpdateMessage{.run_id = "run", .timestamp = message->timestamp, .delivered_at = clock_.now()}));
  }
  std::vector<std::string> order(std::vector<std::string> wanted) {
    return ids(must(commit(OrderWaiting{.run_id = "run", .message_ids = std::move(wanted)})).updated);
  }
  std::vector<std::string> waiting() { return ids(must(messages().undelivered("run"))); }
  std::vector<std::string> changed(std::size_t limit = 100) { return ids(must(messages().changed_messages("run", limit))); }
};

// Four messages wait for the session "first" of the thread.
class TakenOverContract : public WaitingContract {
 protected:
  TakenOverContract() {
    model::Run first = a_session("first", "project");
    first.thread_id = "thread";
    start(first);
    for (const char* id : {"m1", "m2", "m3", "m4"}) append(a_given_message("first", id));
  }
  // The run ends as it is, and the thread's next session begins.
  Committed end_and_start(const std::string& old_run, const std::string& new_run) {
    must(commit(UpdateRun{.run_id = old_run, .status = model::RunStatus::kFailed}));
    model::Run next = a_session(new_run, "project");
    next.thread_id = "thread";
    Commit both;
    both.changes = {StartRun{next}, TakeOverWaiting{new_run}};
    return must(messages().commit(std::move(both)));
  }
  std::vector<std::string> waiting_in(const std::string& run_id) { return ids(must(messages().undelivered(run_id))); }
};

}  // namespace omakase::store::contract
