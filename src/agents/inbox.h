// A person's messages that the agent has not received, in the order of their turn, and which of them the agent was given already.
// Pure: the Session stores, sends and asks back. Bounded by what the store holds undelivered for one run.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/message.h"

namespace omakase::agents {

class Inbox {
 public:
  struct Entry {
    model::Message message;
    std::string uuid;         // the agent's name for this revision of it
    bool sent = false;        // written to the agent; it may be received at any moment
    bool changing = false;    // a person is changing it: it is not sent meanwhile
    bool now = false;         // it is to stop the turn
    bool opens_turn = false;  // it was sent to an idle agent: the turn that begins next is its own
    int attempt = 0;          // how often this revision was asked back and is sent again
    // The files of its attachments; what comes after it waits until they are read.
    std::shared_ptr<const std::vector<model::AttachedFile>> files;
    bool reading = false;

    bool ready() const { return message.attachments.empty() || files; }
  };

  explicit Inbox(std::string run_id) : run_id_(std::move(run_id)) {}

  // A stored message, or what one that is here has become: received and withdrawn ones leave.
  void put(const model::Message& message);
  void remove(std::string_view message_id);

  // These take each other's places, in this order.
  void order(const std::vector<std::string>& message_ids);

  Entry* find(std::string_view message_id);
  Entry* find_uuid(std::string_view uuid);

  // The first that is not sent and whose files are neither here nor being read.
  Entry* to_read();

  // What may be written to the agent now, in order. One that is held back only when the agent is idle and nothing else waits:
  // each opens a turn of its own.
  std::vector<Entry*> sendable(bool idle);

  // The agent's process is gone, and with it what it had not received.
  void unsend();
  // It was asked back and given: the next time it goes under another name.
  void take_back(Entry& entry);

  // Something was sent that the agent has not received.
  bool expecting() const;
  // Something waits that the agent would be given now.
  bool pressing() const;
  bool empty() const { return entries_.empty(); }
  std::vector<std::string> ids() const;
  std::vector<Entry>& entries() { return entries_; }

 private:
  std::string name_of(const Entry& entry) const;

  std::string run_id_;
  std::vector<Entry> entries_;
};

}  // namespace omakase::agents
