// A load generator for servers of events on this machine: readers of streams, senders of posts, one line of JSON at the end.
// bench/README.md has its flags.
#include <boost/json.hpp>

#include <csignal>
#include <iostream>

#include "load/options.h"
#include "load/run.h"
#include "load/sockets.h"

namespace omakase::load {

namespace {

namespace json = boost::json;

json::object times(const Histogram& histogram) {
  const auto us = [](std::uint64_t ns) { return static_cast<double>(ns) / 1000; };
  return {{"p50", us(histogram.quantile(0.5))},
          {"p95", us(histogram.quantile(0.95))},
          {"p99", us(histogram.quantile(0.99))},
          {"max", us(histogram.highest())},
          {"of", histogram.total()}};
}

json::object server(const Outcome& outcome) {
  const auto memory = [](const Usage& usage) {
    return json::object{{"private_kb", usage.private_kb}, {"resident_kb", usage.resident_kb}};
  };
  return {{"processor_s", outcome.measured_until.processor_s - outcome.measured_from.processor_s},
          {"before", memory(outcome.before)},
          {"from", memory(outcome.measured_from)},
          {"until", memory(outcome.measured_until)},
          {"peak_resident_kb", outcome.peak_resident_kb}};
}

json::object report(const Options& options, const Outcome& outcome) {
  const Counts& counts = outcome.counts;
  const auto per_second = [&](std::uint64_t number) {
    return outcome.measured_s > 0 ? static_cast<double>(number) / outcome.measured_s : 0;
  };
  json::object statuses;
  for (const auto& [status, number] : counts.statuses) statuses[std::to_string(status)] = number;
  json::object all{
      {"connected", counts.connecting.total()},
      {"connect_s", outcome.connect_s},
      {"connect_us", times(counts.connecting)},
      {"measured_s", outcome.measured_s},
      {"delivered", counts.delivered},
      {"delivered_per_s", per_second(counts.delivered)},
      {"delivered_bytes_per_s", per_second(counts.delivered_bytes)},
      {"delivery_us", times(counts.delivery)},
      {"acknowledged", counts.acknowledged},
      {"acknowledged_per_s", per_second(counts.acknowledged)},
      {"acknowledge_us", times(counts.acknowledging)},
      {"accepted", counts.accepted},
      {"gaps", counts.faults.gaps},
      {"doubles", counts.faults.doubles},
      {"late", counts.faults.late},
      {"replayed", counts.replayed},
      {"cut", counts.cut},
      {"refused", counts.refused},
      {"unanswered", counts.unanswered},
      {"statuses", statuses},
      {"all_connected", outcome.connected && counts.refused == 0},
      {"all_answered", outcome.answered},
      {"all_delivered", outcome.delivered},
      {"own_processor_s", outcome.own_processor_s},
  };
  if (options.watch_pid) all["server"] = server(outcome);
  return all;
}

}  // namespace

}  // namespace omakase::load

int main(int argc, char** argv) {
  namespace load = omakase::load;
  std::signal(SIGPIPE, SIG_IGN);
  const load::Options options = load::read_options(argc, argv);
  load::raise_descriptor_limit();
  std::cout << load::report(options, load::run(options)) << '\n';
}
