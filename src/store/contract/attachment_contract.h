// What the tests of attachments have in common.
#pragma once

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "store/contract/store_contract.h"

namespace omakase::store::contract {

class AttachmentContract : public StoreContract {
 protected:
  void SetUp() override {
    must(catalog().create_thread(a_thread("thread")));
    model::Run run = a_run("run");
    run.thread_id = "thread";
    start(run);
  }
  // A file of the project that no message has.
  model::Attachment upload(const std::string& id, std::string bytes = "bytes", Timestamp at = {1'000}) {
    model::Attachment about{.id = id, .name = id + ".txt", .media_type = "text/plain", .size = std::ssize(bytes)};
    must(catalog().add_attachment({about, std::move(bytes)}, "project", at));
    return about;
  }
  AppendMessage with(std::string message_id, std::vector<model::Attachment> attachments) {
    AppendMessage append = a_given_message("run", std::move(message_id));
    append.message.attachments = std::move(attachments);
    return append;
  }
  bool is_there(std::string id) { return must(catalog().attached_file(std::move(id))).has_value(); }
};

}  // namespace omakase::store::contract
