#include "app/metrics.h"

#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

#include "base/metrics.h"

namespace omakase::app {

namespace {

using base::MetricsText;

double as_number(std::uint64_t value) { return static_cast<double>(value); }

void add_requests(MetricsText& text, const net::ServerCounts& counts) {
  text.gauge("omakase_connections", "Connections that are open, besides streams.");
  text.sample(as_number(counts.open_connections));
  text.counter("omakase_connections_total", "Connections that were accepted.");
  text.sample(as_number(counts.connections));
  text.counter("omakase_connections_ended_total",
               "Connections that a limit ended: refused at their beginning, cut to make room.");
  text.sample(as_number(counts.connections_refused), {{"reason", "refused"}});
  text.sample(as_number(counts.connections_cut), {{"reason", "cut"}});
  text.counter("omakase_requests_rate_limited_total", "Requests refused for the rate of their address.");
  text.sample(as_number(counts.rate_limited));
  text.counter("omakase_http_responses_total", "Answers by their status.");
  for (std::size_t status = 0; status < counts.answers.size(); ++status) {
    if (counts.answers[status] > 0) text.sample(as_number(counts.answers[status]), {{"code", std::to_string(status)}});
  }
}

void add_streams(MetricsText& text, const feed::FeedCounts& counts) {
  text.gauge("omakase_streams", "Event streams that are open.");
  text.sample(as_number(counts.readers));
  text.counter("omakase_streams_opened_total", "Event streams that were opened.");
  text.sample(as_number(counts.opened));
  text.counter("omakase_streams_refilled_total", "Times that a slow stream was given from the store what it had missed.");
  text.sample(as_number(counts.refilled));
  text.counter("omakase_streams_stalled_total", "Streams closed because their reader took nothing for 20 s.");
  text.sample(as_number(counts.stalled));
  text.gauge("omakase_stream_lag_bytes", "How far the slowest healthy reader of any topic is behind.");
  text.sample(as_number(counts.most_lag_bytes));
  text.counter("omakase_events_published_total", "Events published to streams, once for all readers of a topic.");
  text.sample(as_number(counts.events));
  text.counter("omakase_stream_sent_bytes_total", "Bytes sent to streams.");
  text.sample(as_number(counts.sent_bytes));
}

void add_store(MetricsText& text, const store::sqlite::SqliteStore& store) {
  const store::WriteCounts& counts = store.counts();
  text.counter("omakase_messages_stored_total", "Messages stored.");
  text.sample(as_number(counts.messages));
  text.histogram("omakase_commit_seconds", "Time of a transaction until it is on disk.", counts.commit_us, 1e-6);
  text.histogram("omakase_commit_changes", "Changes that share a transaction.", counts.group_size);
  text.counter("omakase_commits_failed_total", "Transactions that failed.");
  text.sample(as_number(counts.failed_commits));
  text.counter("omakase_checkpoints_total", "Times that the log was written back into the database.");
  text.sample(as_number(counts.checkpoints));
  text.gauge("omakase_log_pages", "Pages of 4 KiB in the log that wait for that.");
  text.sample(as_number(counts.log_pages));
  text.gauge("omakase_store_writable", "0 after a failed write, until the server is started again.");
  text.sample(store.healthy() ? 1 : 0);
  text.gauge("omakase_disk_full", "1 while the last transaction found no space.");
  text.sample(counts.disk_full ? 1 : 0);
}

void add_sessions(MetricsText& text, const agents::WorkSessions& sessions) {
  text.gauge("omakase_sessions", "Sessions by what they do: busy, waiting for a person, idle.");
  for (const auto& [state, count] : sessions.states()) text.sample(as_number(count), {{"state", state}});
  const agents::SessionCounts& counts = sessions.counts();
  text.counter("omakase_sessions_started_total", "Sessions started, and those of an earlier server taken up.");
  text.sample(as_number(counts.started), {{"how", "new"}});
  text.sample(as_number(counts.taken_up), {{"how", "taken_up"}});
  text.counter("omakase_agent_starts_total", "Agents started, each with its runner.");
  text.sample(as_number(counts.agent_starts));
  text.counter("omakase_agent_restarts_total", "Agents started in a session that had one before.");
  text.sample(as_number(counts.agent_restarts));
}

// The field of /proc/self/status, in its unit; 0 where there is none.
double own_status(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string name; status >> name; status.ignore(std::numeric_limits<std::streamsize>::max(), '\n')) {
    double value = 0;
    if (name == field && status >> value) return value;
  }
  return 0;
}

double own_processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double own_descriptors() {
  std::error_code ec;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", ec), end; !ec && entry != end; entry.increment(ec)) ++count;
  return count;
}

void add_webhooks(MetricsText& text, const notify::NotifierCounts& counts) {
  text.counter("omakase_webhook_calls_total", "News sent to webhooks, by how it ended; dropped: too many were due at once.");
  text.sample(as_number(counts.delivered), {{"result", "delivered"}});
  text.sample(as_number(counts.failed), {{"result", "failed"}});
  text.sample(as_number(counts.dropped), {{"result", "dropped"}});
}

void add_browsers(MetricsText& text, const notify::BrowserCounts& counts) {
  text.counter("omakase_pushes_total", "News sent to browsers through their push services, by how it ended; gone: forgotten.");
  text.sample(as_number(counts.delivered), {{"result", "delivered"}});
  text.sample(as_number(counts.failed), {{"result", "failed"}});
  text.sample(as_number(counts.gone), {{"result", "gone"}});
}

void add_process(MetricsText& text, std::chrono::system_clock::time_point started) {
  text.gauge("omakase_build_info", "1, with the version as label.");
  text.sample(1, {{"version", OMAKASE_VERSION}});
  text.gauge("process_start_time_seconds", "When the server started, in seconds since 1970.");
  text.sample(std::chrono::duration<double>(started.time_since_epoch()).count());
  text.counter("process_cpu_seconds_total", "Processor time of the server itself, without its agents.");
  text.sample(own_processor_seconds());
  text.gauge("process_resident_memory_bytes", "Memory of the server itself.");
  text.sample(own_status("VmRSS:") * 1024);
  text.gauge("process_open_fds", "Open file descriptors.");
  text.sample(own_descriptors());
  text.gauge("process_max_fds", "How many there may be.");
  text.sample(static_cast<double>(sysconf(_SC_OPEN_MAX)));
  text.gauge("process_threads", "Threads.");
  text.sample(own_status("Threads:"));
}

}  // namespace

std::string metrics_text(const Measured& measured) {
  MetricsText text;
  add_requests(text, measured.server.counts());
  add_streams(text, measured.feed.counts());
  add_store(text, measured.store);
  add_sessions(text, measured.sessions);
  add_webhooks(text, measured.notifier.counts());
  add_browsers(text, measured.notifier.browser_counts());
  add_process(text, measured.started);
  return text.take();
}

}  // namespace omakase::app
