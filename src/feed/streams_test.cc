// Streams of several topics over the real store, read through real sockets.
#include <algorithm>

#include "base/json.h"
#include "feed/feed_fixture.h"

namespace omakase::feed {
namespace {

using Topic = StreamsRequest::Topic;

class StreamsTest : public FeedTest {
 protected:
  static Task<> start(Feed& feed, std::string id, std::string thread = {}, std::string project = "p") {
    model::Run run{.id = std::move(id), .agent_name = "nori", .project_id = std::move(project), .started_at = {}};
    if (!thread.empty()) run.thread_id = std::move(thread);
    store::Commit commit;
    commit.changes.emplace_back(store::StartRun{std::move(run)});
    EXPECT_TRUE(co_await feed.commit(std::move(commit)));
  }
  static Task<model::Message> say_in(Feed& feed, std::string run, std::string content,
                                     model::Sender sender = model::Sender::kAgent) {
    model::Message message{.id = run + "-" + content.substr(0, 20), .run_id = run, .sender = sender, .content = content};
    store::Commit commit;
    commit.changes.emplace_back(store::AppendMessage{std::move(message), true, false});
    auto committed = co_await feed.commit(std::move(commit));
    EXPECT_TRUE(committed);
    co_return committed->appended.front();
  }
  static Task<> end_run(Feed& feed, std::string run) {
    store::Commit commit;
    commit.changes.emplace_back(store::UpdateRun{.run_id = std::move(run), .status = model::RunStatus::kCompleted});
    EXPECT_TRUE(co_await feed.commit(std::move(commit)));
  }
  static Task<StreamPlan> open_all(Feed& feed, Reader& reader, StreamsRequest request) {
    auto plan = co_await feed.plan_streams(std::move(request));
    EXPECT_TRUE(plan);
    feed.open_streams(reader.theirs(), *plan);
    co_return *plan;
  }

  // "topic event" of every event so far, with the content of a message.
  static std::vector<std::string> told(const Reader& reader) {
    std::vector<std::string> all;
    for (const auto& one : reader.events) {
      if (one.event == "ping") continue;
      const json::object event = base::parse_json_object(one.data).value();
      std::string text =
          std::string(base::string_or_empty(event, "topic")) + " " + std::string(base::string_or_empty(event, "event"));
      if (event.at("event") == "message") text += " " + std::string(event.at("data").at("content").as_string());
      all.push_back(std::move(text));
    }
    return all;
  }
  static std::vector<std::string> messages(const Reader& reader) {
    std::vector<std::string> all = told(reader);
    std::erase_if(all, [](const std::string& one) { return one.find(" message ") == std::string::npos; });
    return all;
  }
  // Reads until so many events of this kind of the topic came.
  static Task<bool> until_told(Reader& reader, std::string what) {
    co_return co_await reader.until([&](const net::SseEvent& one) {
      const json::object event = base::parse_json_object(one.data).value();
      return what ==
             std::string(base::string_or_empty(event, "topic")) + " " + std::string(base::string_or_empty(event, "event"));
    });
  }
};

TEST_F(StreamsTest, OneStreamCarriesSeveralRunsInTheOrderInWhichTheirMessagesWereStored) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await start(feed, "a");
    co_await start(feed, "b");
    co_await start(feed, "other");
    co_await say_in(feed, "a", "1");
    co_await say_in(feed, "b", "2");
    co_await say_in(feed, "other", "unseen");
    co_await say_in(feed, "a", "3");
    Reader reader(loop_.executor());
    co_await open_all(feed, reader, {.runs = {{"a", {}}, {"b", {}}}});
    EXPECT_TRUE(co_await until_told(reader, "run:b state"));
    co_await say_in(feed, "b", "4");
    co_await say_in(feed, "other", "unseen");
    co_await say_in(feed, "a", "5");
    co_await end_run(feed, "a");
    EXPECT_TRUE(co_await until_told(reader, "run:a close"));
    co_await say_in(feed, "b", "6");
    co_await end_run(feed, "b");
    EXPECT_FALSE(co_await until_told(reader, "nothing more")) << "the stream ends with the last of its runs";
    EXPECT_EQ(told(reader), (std::vector<std::string>{"run:a message 1", "run:b message 2", "run:a message 3", "run:a state",
                                                      "run:b state", "run:b message 4", "run:a message 5", "run:a run-status",
                                                      "run:a close", "run:b message 6", "run:b run-status", "run:b close"}));
  });
}

TEST_F(StreamsTest, EveryIdResumesAllTopicsWithoutAGapOrADouble) {
  with_feed([&](Feed& feed) -> Task<> {
    std::vector<std::string> expected;
    for (const char* run : {"a", "b", "c"}) co_await start(feed, run);
    for (int i = 0; i < 60; ++i) {
      const std::string run(1, static_cast<char>('a' + i * i % 3));
      co_await say_in(feed, run, std::to_string(i));
      expected.push_back("run:" + run + " message " + std::to_string(i));
    }
    const auto wanted = [](std::optional<std::string> cursor) {
      return StreamsRequest{.runs = {{"a", {}}, {"b", {}}, {"c", {}}}, .last_event_id = std::move(cursor)};
    };
    Reader whole(loop_.executor());
    co_await open_all(feed, whole, wanted({}));
    EXPECT_TRUE(co_await until_told(whole, "run:c state"));
    EXPECT_EQ(messages(whole), expected);
    for (std::size_t cut = 0; cut < expected.size(); ++cut) {
      Reader resumed(loop_.executor());
      EXPECT_LE(whole.events[cut].id.size(), 64u);
      co_await open_all(feed, resumed, wanted(whole.events[cut].id));
      EXPECT_TRUE(co_await until_told(resumed, "run:c state"));
      EXPECT_EQ(messages(resumed),
                std::vector<std::string>(expected.begin() + static_cast<std::ptrdiff_t>(cut) + 1, expected.end()));
    }
  });
}

TEST_F(StreamsTest, ATopicThatIsAddedBeginsWhereItsReaderSaysWhateverTheOthersHave) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await start(feed, "a");
    co_await start(feed, "b");
    co_await say_in(feed, "b", "1");
    co_await say_in(feed, "a", "2");
    const auto third = co_await say_in(feed, "b", "3");
    const auto have = base::format((co_await say_in(feed, "a", "4")).timestamp);
    co_await say_in(feed, "a", "5");
    const auto wanted = [&](std::optional<std::string> cursor) {
      return StreamsRequest{.runs = {{"a", have}, {"b", {}}}, .last_event_id = std::move(cursor)};
    };
    Reader reader(loop_.executor());
    co_await open_all(feed, reader, wanted({}));
    EXPECT_TRUE(co_await until_told(reader, "run:b state"));
    EXPECT_EQ(messages(reader), (std::vector<std::string>{"run:b message 1", "run:b message 3", "run:a message 5"}));
    Reader cut_early(loop_.executor());
    co_await open_all(feed, cut_early, wanted(reader.events[0].id));
    EXPECT_TRUE(co_await until_told(cut_early, "run:b state"));
    EXPECT_EQ(messages(cut_early), (std::vector<std::string>{"run:b message 3", "run:a message 5"}));
  });
}

TEST_F(StreamsTest, ACursorThatSaysNothingResetsEveryTopicToItsWholeHistory) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await start(feed, "a");
    co_await start(feed, "b");
    co_await say_in(feed, "a", "1");
    const std::string known = base::format((co_await say_in(feed, "b", "2")).timestamp);
    for (const std::string& cursor :
         {std::string("garbage"), std::string("9999-12-31T23:59:59.999999Z"), std::string(5000, '9')}) {
      Reader reader(loop_.executor());
      co_await open_all(feed, reader, {.runs = {{"a", known}, {"b", {}}}, .last_event_id = cursor});
      EXPECT_TRUE(co_await until_told(reader, "run:b state"));
      EXPECT_EQ(told(reader), (std::vector<std::string>{"run:a reset", "run:b reset", "run:a message 1", "run:b message 2",
                                                        "run:a state", "run:b state"}))
          << cursor;
    }
    Reader reader(loop_.executor());
    co_await open_all(feed, reader, {.runs = {{"a", "garbage"}, {"b", known}}});
    EXPECT_TRUE(co_await until_told(reader, "run:b state"));
    EXPECT_EQ(told(reader), (std::vector<std::string>{"run:a reset", "run:a message 1", "run:a state", "run:b state"}));
  });
}

TEST_F(StreamsTest, RunsThatHaveAllEndedHaveNothingMoreForWhoeverHasEverything) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await start(feed, "a");
    co_await start(feed, "b");
    co_await say_in(feed, "a", "1");
    const std::string last = base::format((co_await say_in(feed, "b", "2")).timestamp);
    const auto plan = [&](StreamsRequest request) -> Task<bool> {
      co_return (co_await feed.plan_streams(std::move(request)))->nothing_more;
    };
    co_await end_run(feed, "a");
    const StreamsRequest both{.runs = {{"a", {}}, {"b", {}}}, .last_event_id = last};
    EXPECT_FALSE(co_await plan(both)) << "one of them goes on";
    co_await end_run(feed, "b");
    EXPECT_TRUE(co_await plan(both));
    EXPECT_FALSE(co_await plan({.runs = both.runs, .last_event_id = {}})) << "nobody said what the client has";
    EXPECT_TRUE(co_await plan({.runs = {{"a", last}, {"b", last}}}));
    EXPECT_FALSE(co_await plan({.runs = both.runs, .projects = {{"p", {}}}, .last_event_id = last})) << "a project never ends";
    const auto unknown = co_await feed.plan_streams({.runs = {{"nobody", {}}}});
    EXPECT_EQ(unknown.error().code, "run_not_found");
  });
}

TEST_F(StreamsTest, AThreadIsItsMessagesAndTheRunsThatItWillHave) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await start(feed, "first", "t");
    co_await say_in(feed, "first", "1");
    co_await end_run(feed, "first");
    Reader reader(loop_.executor());
    // The run is asked for twice over: with its thread and alone. What it says comes once.
    co_await open_all(feed, reader, {.runs = {{"first", {}}}, .threads = {{"t", {}}}});
    EXPECT_TRUE(co_await until_told(reader, "thread:t state"));
    co_await start(feed, "second", "t");
    feed.message_start("second", "m", model::Role::kCoder);
    feed.content_delta("second", "m", "Hel");
    EXPECT_TRUE(co_await until_told(reader, "thread:t content-delta"));
    EXPECT_EQ(base::parse_json_object(reader.found().data)->at("runId"), "second");
    Reader late(loop_.executor());
    co_await open_all(feed, late, {.threads = {{"t", {}}}});
    EXPECT_TRUE(co_await until_told(late, "thread:t content-delta"));
    co_await say_in(feed, "second", "2");
    co_await end_run(feed, "second");
    EXPECT_TRUE(co_await until_told(reader, "thread:t close"));
    EXPECT_EQ(messages(reader), (std::vector<std::string>{"thread:t message 1", "thread:t message 2"}));
  });
}

TEST_F(StreamsTest, AProjectTellsHowItsRunsStandAndThatSomethingWasSaidButNotWhat) {
  with_feed([&](Feed& feed) -> Task<> {
    co_await start(feed, "before", "t");
    co_await say_in(feed, "before", "What nobody is told of who reads the project only.", model::Sender::kUser);
    Reader reader(loop_.executor());
    co_await open_all(feed, reader, {.projects = {{"p", {}}}});
    EXPECT_TRUE(co_await until_told(reader, "project:p state"));
    const json::object state = base::parse_json_object(reader.found().data).value();
    std::vector<std::string> runs;
    for (const json::value& run : state.at("data").at("runs").as_array())
      runs.push_back(std::string(run.at("runId").as_string()) + " waiting " + std::to_string(run.at("waiting").as_int64()));
    std::ranges::sort(runs);
    EXPECT_EQ(runs, (std::vector<std::string>{"before waiting 1", "r waiting 0"}));

    co_await start(feed, "after", "t");
    EXPECT_TRUE(co_await until_told(reader, "project:p run-status"));
    feed.set_presence("after", {.busy = true, .attention = "permission"});
    EXPECT_TRUE(co_await until_told(reader, "project:p run-status"));
    const json::object busy = base::parse_json_object(reader.found().data).value();
    EXPECT_EQ(json::serialize(busy.at("data").at("attention")), R"("permission")");
    co_await say_in(feed, "after", "What nobody is told of who reads the project only.");
    EXPECT_TRUE(co_await until_told(reader, "project:p activity"));
    EXPECT_EQ(base::parse_json_object(reader.found().data)->at("data").at("threadId"), "t");
    co_await end_run(feed, "after");
    EXPECT_TRUE(co_await until_told(reader, "project:p run-status"));
    EXPECT_NE(reader.found().data.find("completed"), std::string::npos);
    feed.thread_changed({.id = "t", .agent_name = "nori", .project_id = "p", .title = "Tides", .created_at = {}});
    EXPECT_TRUE(co_await until_told(reader, "project:p thread"));
    for (const auto& event : reader.events) {
      EXPECT_EQ(event.data.find("reads the project only"), std::string::npos);
      EXPECT_TRUE(event.id.empty());
    }
  });
}

TEST_F(StreamsTest, AReaderOfSeveralThatTakesNothingHoldsNobodyUpAndLosesNothing) {
  with_feed([&](Feed& feed) -> Task<> {
    for (const char* run : {"a", "b", "quiet"}) co_await start(feed, run);
    Reader slow(loop_.executor());
    slow.shrink();
    co_await open_all(feed, slow, {.runs = {{"a", {}}, {"b", {}}}});
    Reader quick(loop_.executor());
    co_await open_all(feed, quick, {.runs = {{"quiet", {}}}});
    // More than twice what a ring keeps for its readers.
    const std::string filler(100'000, 'x');
    std::vector<std::string> expected;
    for (int i = 0; i < 180; ++i) {
      const std::string run = i % 3 == 0 ? "a" : "b";
      expected.push_back("run:" + run + " message " + std::to_string(i) + filler);
      co_await say_in(feed, run, std::to_string(i) + filler);
    }
    co_await say_in(feed, "quiet", "heard");
    EXPECT_TRUE(co_await until_told(quick, "run:quiet message"));
    co_await end_run(feed, "a");
    co_await end_run(feed, "b");
    EXPECT_FALSE(co_await until_told(slow, "nothing more")) << "it ends once it has everything";
    EXPECT_TRUE(messages(slow) == expected) << messages(slow).size();
  });
}

}  // namespace
}  // namespace omakase::feed
