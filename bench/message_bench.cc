// What a message costs between the store and the socket: its JSON, its frame, and reading it back.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "model/message.h"
#include "net/sse.h"

namespace omakase {

namespace {

model::Message message_of(std::size_t content_bytes) {
  model::Message message;
  message.id = "01J00000000000000000000000";
  message.run_id = "01J00000000000000000000001";
  message.project_id = "01J00000000000000000000002";
  message.thread_id = "01J00000000000000000000003";
  message.sender = model::Sender::kAgent;
  message.timestamp = base::Timestamp{1'769'850'307'000'123};
  for (std::size_t at = 0; message.content.size() < content_bytes; ++at) message.content += at % 60 == 59 ? '\n' : 'a';
  return message;
}

std::string frame_of(const model::Message& message) {
  std::string json;
  model::append_json(json, message);
  std::string frame;
  net::append_event(frame, "", json, "2026-01-31T09:05:07.000123Z");
  return frame;
}

void frame_a_message(benchmark::State& state) {
  const auto message = message_of(static_cast<std::size_t>(state.range(0)));
  std::size_t bytes = 0;
  for (auto _ : state) bytes += frame_of(message).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(frame_a_message)->Arg(250)->Arg(4'000)->Arg(250'000);

void read_a_stream(benchmark::State& state) {
  const std::string frame = frame_of(message_of(static_cast<std::size_t>(state.range(0))));
  std::size_t bytes = 0;
  net::SseReader reader([&](const net::SseEvent& event) { bytes += event.data.size(); });
  for (auto _ : state) benchmark::DoNotOptimize(reader.feed(frame));
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(read_a_stream)->Arg(250)->Arg(4'000);

}  // namespace

}  // namespace omakase
