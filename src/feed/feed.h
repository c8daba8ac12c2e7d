// Store, then publish: the only writer of the MessageLog. Whatever is stored is published, in the order of its timestamps, and
// nothing is published unstored but what is marked transient (text being written, presence). Owned by app/; lives on the Loop's
// thread. Readers come through subscribe() (browsers) and listen() (the agent side of a run, inside this process).
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "feed/hub.h"
#include "feed/live_run.h"
#include "feed/standing.h"
#include "store/message_log.h"

namespace omakase::feed {

struct StreamRequest {
  std::string run_id;
  std::optional<std::string> last_event_id;  // as the client sent it: hostile
  std::optional<std::size_t> tail;           // without a cursor: only the last N messages
  int retry_ms = 1000;
};

// A stream of several topics. Projects and threads exist; of runs that is found out.
struct StreamsRequest {
  struct Topic {
    std::string id;
    std::optional<std::string> since;  // what the client has of it already: hostile
  };
  std::vector<Topic> runs;
  std::vector<Topic> threads;
  std::vector<Topic> projects;
  std::optional<std::string> last_event_id;
  std::optional<std::size_t> tail;
  int retry_ms = 1000;
};

// What to do with a stream request, decided before the response's header is written.
struct StreamPlan {
  bool nothing_more = false;  // 204: its runs have ended and the client has everything
  Timestamp since;
  std::string preamble;
  std::vector<TopicRange> topics;
};

class Feed final : private TopicSource {
 public:
  Feed(runtime::Executor executor, store::MessageLog& log, std::size_t stream_threads);
  ~Feed() override;

  // Reads where the store stands. Before anything else.
  Task<Result<void>> start();
  Task<> stop();

  // Stores, publishes, and then waits a moment for readers that are far behind.
  Task<Result<store::Committed>> commit(store::Commit commit);

  // Reads what is to be known of a run before its agent speaks through the calls below.
  Task<Result<void>> prepare(std::string run_id) { return load(std::move(run_id)); }

  // Transient: the message that the agent is writing. `text` so far is kept for those who join.
  void message_start(const std::string& run_id, const std::string& message_id, model::Role role);
  void content_delta(const std::string& run_id, const std::string& message_id, std::string_view delta);
  void tool_use(const std::string& run_id, const std::string& message_id, const model::ToolUse& use);
  void tool_result(const std::string& run_id, const std::string& message_id, const model::ToolUse& use);
  void message_complete(const std::string& run_id, const std::string& message_id);
  // What was being written will never be stored: the stream broke and the agent began again.
  void message_dropped(const std::string& run_id, const std::string& message_id);
  void setup_output(const std::string& run_id, std::string_view step, std::string_view text);
  void set_presence(const std::string& run_id, model::RunPresence presence);
  // What a session is like now (StreamSession of the API's description); told when it has changed.
  void set_session(const std::string& run_id, json::object session);

  model::RunPresence presence(const std::string& run_id) const;

  // Tells of every run how it stands, whenever that changes; nullptr ends it.
  void watch(OnStanding on_standing) { on_standing_ = std::move(on_standing); }

  // A thread was made or changed: told to those who read its project.
  void thread_changed(const model::Thread& thread);
  // A thread is gone: told to those who read its project; its own readers find out when they come again.
  void thread_deleted(const model::Thread& thread);
  // A person has read a thread up to there: told to those who read its project, on whatever device.
  void thread_read(const model::Thread& thread, const std::string& user_id, Timestamp read_at);

  // Two steps of opening a stream: what to answer, and, once the header is written, the stream itself.
  Task<Result<StreamPlan>> plan_stream(StreamRequest request);
  Task<Result<StreamPlan>> plan_streams(StreamsRequest request);
  void open_stream(int fd, StreamPlan plan, StreamOwner owner = {});
  void open_streams(int fd, StreamPlan plan, StreamOwner owner = {});

  FeedCounts counts() const { return hub_.counts(); }
  std::size_t stream_count() const { return hub_.reader_count(); }
  std::size_t streams_of(std::uint64_t client) const { return hub_.readers_of(client); }
  bool has_streams_of(std::uint64_t login) const { return hub_.has_readers_of(login); }
  // They get what was published so far.
  void end_streams_of(std::uint64_t login) { hub_.end_readers_of(login); }

  // Tells of every message and update of a run as it is published, until the handle goes.
  class Listener;
  using OnMessage = std::function<void(const model::Message&)>;
  std::unique_ptr<Listener> listen(const std::string& run_id, OnMessage on_message);

 private:
  struct Entry {
    LiveRun live;
    bool loaded = false;                // status and undelivered messages were read from the store
    std::vector<std::string> received;  // ids of messages and requests that were over while they were being read
    std::list<OnMessage*> listeners;
  };

  Timestamp published() const override { return published_; }
  Task<Result<void>> load_topic(std::string topic) override;
  Task<Result<Page>> replay(std::string topic, Timestamp since, Timestamp until, Limit limit) override;
  Snapshot snapshot(const std::string& topic) override;
  void unread(const std::string& topic) override;

  struct Cursor {
    Timestamp since;
    bool given = false;
    bool reset = false;  // it was given and says nothing
  };
  Cursor read_cursor(const std::optional<std::string>& text) const;
  Task<Result<Timestamp>> tail_start(store::MessageQuery query, std::size_t tail);
  Task<Result<void>> add_topic(StreamPlan& plan, store::MessageQuery query, StreamsRequest::Topic topic, Cursor cursor,
                               std::optional<std::size_t> tail);
  Task<Result<bool>> nothing_newer(std::vector<TopicRange> topics, Timestamp since);

  Task<Result<void>> load(std::string run_id);
  void begin(const model::Run& run, const std::vector<model::Message>& taken_over);
  void publish(const store::Committed& committed, const std::vector<store::OrderWaiting>& orders);
  void publish_message(const model::Message& message);
  void publish_update(const model::Message& message);
  void publish_order(const std::string& run_id, const std::vector<std::string>& message_ids);
  void publish_permissions(const std::vector<model::Permission>& permissions);
  void publish_status(const model::Run& run);
  void publish_log(const std::vector<model::LogLine>& lines);
  void publish_activity(const model::Message& message);
  // To those who read the run, alone or with its thread.
  void tell(const std::string& run_id, std::string_view thread_id, Event event, bool close = false);
  void tell(const std::string& run_id, Event event) { tell(run_id, thread_of(run_id), std::move(event)); }
  void tell_project(const std::string& run_id);
  bool is_read(const std::string& run_id, std::string_view thread_id) const;
  std::string_view thread_of(const std::string& run_id) const;
  LiveRun* live(const std::string& run_id);
  void release(const std::string& run_id);

  store::MessageLog& log_;
  Timestamp published_;
  std::unordered_map<std::string, Entry> entries_;
  OnStanding on_standing_;
  Hub hub_;
};

class Feed::Listener {
 public:
  Listener(Feed& feed, std::string run_id, OnMessage on_message);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  Feed& feed_;
  std::string run_id_;
  OnMessage on_message_;
};

}  // namespace omakase::feed
