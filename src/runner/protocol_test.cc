#include "runner/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "runner/input_queue.h"
#include "runner/secrets.h"
#include "runner/spec.h"

namespace omakase::runner {
namespace {

std::string record(RecordKind kind, std::string_view payload, std::int64_t micros = 1) {
  return record_header(kind, payload.size(), micros) + std::string(payload) + "\n";
}

TEST(RecordDecoder, GivesTheSameRecordsWhateverTheChunks) {
  const std::string nasty("a\nb\0\xff out 3 1\n", 14);
  const std::string spool =
      record(RecordKind::kOut, "{\"a\":1}", 5) + record(RecordKind::kErr, nasty, 6) + record(RecordKind::kNote, "", 7);
  std::mt19937 random(3);  // fixed: a failure must come back
  for (int round = 0; round < 200; ++round) {
    RecordDecoder decoder(100);
    std::vector<Record> records;
    for (std::string_view rest = spool; !rest.empty();) {
      const std::size_t chunk = 1 + random() % 20;
      decoder.push(rest.substr(0, chunk));
      rest.remove_prefix(std::min(chunk, rest.size()));
      for (auto next = decoder.next(); *next; next = decoder.next()) records.push_back(**std::move(next));
    }
    ASSERT_EQ(records.size(), 3u);
    EXPECT_EQ(records[0].payload, "{\"a\":1}");
    EXPECT_EQ(records[0].micros, 5);
    EXPECT_EQ(records[1].kind, RecordKind::kErr);
    EXPECT_EQ(records[1].payload, nasty);
    EXPECT_EQ(records[2].payload, "");
    EXPECT_EQ(records[2].end_offset, 100 + spool.size());
  }
}

TEST(RecordDecoder, RefusesWhatIsNoSpool) {
  for (const char* bad : {"hello\n", "out 3\n", "out x 1\nabc\n", "out -3 1\nabc\n", "out 3 1\nabcd", "loud 3 1\nabc\n",
                          "out 99999999999 1\n", "out 3 1 \nabc\n"}) {
    RecordDecoder decoder(0);
    decoder.push(bad);
    EXPECT_FALSE(decoder.next()) << bad;
  }
  RecordDecoder decoder(0);
  decoder.push(std::string(1000, '0'));
  EXPECT_FALSE(decoder.next()) << "a header without an end";
}

TEST(Protocol, MessagesComeThroughUnchanged) {
  const message::Input input{"01HZX", "{\"text\":\"a\\n\xe2\x80\xa8 \\u0000\"}"};
  const std::string line = encode(ServerMessage(input));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  const auto decoded = decode_server_message(line);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(std::get<message::Input>(*decoded).data, input.data);
  EXPECT_EQ(std::get<message::Input>(*decoded).id, input.id);

  const StopTimes times{.interrupt = std::chrono::milliseconds(1), .close = std::chrono::milliseconds(0)};
  const auto stop = decode_server_message(encode(ServerMessage(message::Stop{times})));
  EXPECT_EQ(std::get<message::Stop>(*stop).times, times);
  const auto plain_stop = decode_server_message(encode(ServerMessage(message::Stop{})));
  EXPECT_FALSE(std::get<message::Stop>(*plain_stop).times);
  const auto ack = decode_server_message(encode(ServerMessage(message::Ack{std::uint64_t{1} << 40})));
  EXPECT_EQ(std::get<message::Ack>(*ack).offset, std::uint64_t{1} << 40);
  const auto hello = decode_server_message(encode(ServerMessage(message::Hello{.from = 7})));
  EXPECT_EQ(std::get<message::Hello>(*hello).from, 7u);
  EXPECT_TRUE(std::holds_alternative<message::Bye>(*decode_server_message(encode(ServerMessage(message::Bye{})))));
  EXPECT_TRUE(std::holds_alternative<message::Kill>(*decode_server_message(encode(ServerMessage(message::Kill{})))));
}

TEST(Protocol, RefusesMessagesThatAreWrong) {
  for (const char* bad :
       {"", "[]", "{", R"({"type":"dance"})", R"({"type":"input","id":"a/b","data":"x"})", R"({"type":"input","id":"a"})",
        R"({"type":"input","id":"a","data":"two\nlines"})", R"({"type":"ack","offset":-1})", R"({"type":"hello"})"}) {
    EXPECT_FALSE(decode_server_message(bad)) << bad;
  }
}

TEST(Protocol, GreetingsAndRefusals) {
  const auto hello = decode_runner_hello(encode(RunnerHello{.run_id = "r1", .end = 9, .exited = true}));
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->run_id, "r1");
  EXPECT_EQ(hello->end, 9u);
  EXPECT_TRUE(hello->exited);
  const auto refused = decode_runner_hello(encode(base::Error{.code = "bad_hello", .detail = "No."}));
  EXPECT_EQ(refused.error().code, "bad_hello");
}

TEST(Protocol, NotesComeThroughUnchangedAndUnknownOnesAreTold) {
  const auto exit = decode_note(encode(Note(note::Exit{{.code = 0, .signal = 9}, "tail"})));
  EXPECT_EQ(std::get<note::Exit>(*exit).status.signal, 9);
  EXPECT_EQ(std::get<note::Exit>(*exit).stderr_tail, "tail");
  const auto code = decode_note(encode(Note(note::Exit{{.code = 3}, ""})));
  EXPECT_EQ(std::get<note::Exit>(*code).status.code, 3);
  const auto input = decode_note(encode(Note(note::InputWritten{"id1"})));
  EXPECT_EQ(std::get<note::InputWritten>(*input).id, "id1");
  const note::ModelCall call{.id = "01CALL",
                             .model = "claude",
                             .status = 200,
                             .input_tokens = 1,
                             .output_tokens = 2,
                             .cache_read_tokens = 3,
                             .cache_write_tokens = 4,
                             .started_micros = 5,
                             .ended_micros = 6,
                             .error = "cut"};
  EXPECT_EQ(std::get<note::ModelCall>(*decode_note(encode(Note(call)))), call);
  const auto limit = decode_note(encode(Note(note::LimitReached{"processes", 1000})));
  EXPECT_EQ(std::get<note::LimitReached>(*limit).allowed, 1000);
  EXPECT_TRUE(std::holds_alternative<note::Oversize>(*decode_note(encode(Note(note::Oversize{})))));
  EXPECT_FALSE(decode_note(R"({"type":"of a later version"})"));
  EXPECT_FALSE(decode_note("not JSON"));
}

TEST(Spec, ComesThroughUnchanged) {
  RunnerSpec spec{.run_id = "01RUN", .argv = {"agent", "--flag", "ünï"}, .environment = {"A=b=c"}, .folder = "/project"};
  spec.sandbox = process::SandboxSpec{
      .read_only = {"/opt"}, .read_write = {"/project"}, .folder = "/project", .network = process::Network::kInternet};
  spec.relay = RelaySpec{.url_variable = "URL", .token_variable = "TOKEN", .head = std::chrono::milliseconds(7)};
  spec.stop.close = std::chrono::milliseconds(5);
  spec.interrupt = "{\"type\":\"interrupt\"}";
  EXPECT_EQ(decode_spec(encode(spec)).value(), spec);
  spec.sandbox.reset();
  EXPECT_EQ(decode_spec(encode(spec)).value(), spec);
}

TEST(Spec, RefusesWhatIsIncompleteOrOfAnotherVersion) {
  EXPECT_FALSE(decode_spec(encode(RunnerSpec{.run_id = "r", .folder = "/"})));
  EXPECT_FALSE(decode_spec(encode(RunnerSpec{.run_id = "../r", .argv = {"a"}, .folder = "/"})));
  EXPECT_FALSE(decode_spec(R"({"protocol":3})"));
  EXPECT_FALSE(decode_spec("{}"));
}

TEST(Secrets, ComeThroughUnchanged) {
  const Secrets secrets{.environment = {"A=b=c"},
                        .relay = ModelUpstream{.url = "https://model.example",
                                               .credentials = {{"x-api-key", "k\u00fc"}},
                                               .proxies = {"HTTPS_PROXY=http://p"}},
                        .scrub = {{"TOKEN", "hunter2hunter2"}}};
  EXPECT_EQ(decode_secrets(encode(secrets)).value(), secrets);
  EXPECT_EQ(decode_secrets("").value(), Secrets{});
}

TEST(Secrets, AreNotQuotedWhereTheirLineIsMalformed) {
  const auto refused = decode_secrets(R"({"relay":{"credentials":{"x-api-key":"sk-secret"}})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail.find("sk-secret"), std::string::npos);
}

TEST(InputQueue, TakesEachIdOnceAndRefusesWhatIsTooMuch) {
  InputQueue queue;
  EXPECT_EQ(queue.add("a", "one"), InputQueue::Accepted::kNew);
  EXPECT_EQ(queue.take().line, "one");
  EXPECT_EQ(queue.add("a", "one"), InputQueue::Accepted::kKnown);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.add("b", std::string(InputQueue::kMaxWaiting, 'x')), InputQueue::Accepted::kNew);
  EXPECT_EQ(queue.add("c", "y"), InputQueue::Accepted::kFull);
  queue.take();
  EXPECT_EQ(queue.add("c", "y"), InputQueue::Accepted::kNew) << "a refused one may come again";
}

}  // namespace
}  // namespace omakase::runner
