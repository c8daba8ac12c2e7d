#include "runner/spec.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/ids.h"
#include "base/json.h"
#include "runner/runner_folder.h"

namespace omakase::runner {

namespace {

namespace json = base::json;
using base::Result;

json::array to_array(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

Result<std::vector<std::string>> texts(const json::object& object, std::string_view name) {
  const json::array* array = base::array_or_null(object, name);
  const auto wrong = [&] {
    return base::invalid("invalid_type", "\"" + std::string(name) + "\" must be a list of strings.", std::string(name));
  };
  if (!array) return wrong();
  std::vector<std::string> list;
  for (const json::value& value : *array) {
    if (!value.is_string()) return wrong();
    list.emplace_back(value.as_string());
  }
  return list;
}

Result<std::chrono::milliseconds> required_ms(const json::object& object, std::string_view name) {
  OMAKASE_TRY(const auto value, base::optional_int(object, name));
  constexpr std::int64_t kYear = std::int64_t{365} * 24 * 3'600'000;
  if (!value || *value < 0 || *value > kYear) {
    return base::invalid("out_of_range", "\"" + std::string(name) + "\" must be a number of milliseconds.", std::string(name));
  }
  return std::chrono::milliseconds(*value);
}

Result<std::int64_t> required_count(const json::object& object, std::string_view name) {
  OMAKASE_TRY(const auto value, base::optional_int(object, name));
  if (!value || *value <= 0) {
    return base::invalid("out_of_range", "\"" + std::string(name) + "\" must be a positive number.", std::string(name));
  }
  return *value;
}

Result<process::SandboxSpec> decode_sandbox(const json::object& object) {
  process::SandboxSpec sandbox;
  OMAKASE_TRY(sandbox.read_only, texts(object, "readOnly"));
  OMAKASE_TRY(sandbox.read_write, texts(object, "readWrite"));
  OMAKASE_TRY(sandbox.folder, base::required_string(object, "folder"));
  const auto network = process::network_named(base::string_or_empty(object, "network"));
  if (!network) return base::invalid("invalid_network", "\"network\" must be open, model or internet.", "network");
  sandbox.network = *network;
  return sandbox;
}

Result<RelaySpec> decode_relay(const json::object& object) {
  RelaySpec relay;
  OMAKASE_TRY(relay.url_variable, base::required_string(object, "urlVariable"));
  OMAKASE_TRY(relay.token_variable, base::required_string(object, "tokenVariable"));
  OMAKASE_TRY(relay.head, required_ms(object, "headMs"));
  OMAKASE_TRY(relay.idle, required_ms(object, "idleMs"));
  return relay;
}

}  // namespace

std::int64_t SandboxLimits::three_quarters_of_memory() {
  return static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGE_SIZE) / 4 * 3;
}

std::string encode(const RunnerSpec& spec) {
  json::object object{{"protocol", kProtocol},
                      {"runId", spec.run_id},
                      {"argv", to_array(spec.argv)},
                      {"environment", to_array(spec.environment)},
                      {"folder", spec.folder},
                      {"sandbox", nullptr},
                      {"maxProcesses", spec.limits.processes},
                      {"maxMemoryBytes", spec.limits.memory_bytes},
                      {"relay", nullptr},
                      {"orphanTimeoutMs", spec.orphan_timeout.count()},
                      {"interruptMs", spec.stop.interrupt.count()},
                      {"closeMs", spec.stop.close.count()},
                      {"termMs", spec.stop.term.count()},
                      {"interrupt", spec.interrupt}};
  if (spec.sandbox) {
    object["sandbox"] = json::object{{"readOnly", to_array(spec.sandbox->read_only)},
                                     {"readWrite", to_array(spec.sandbox->read_write)},
                                     {"folder", spec.sandbox->folder},
                                     {"network", process::word(spec.sandbox->network)}};
  }
  if (spec.relay) {
    object["relay"] = json::object{{"urlVariable", spec.relay->url_variable},
                                   {"tokenVariable", spec.relay->token_variable},
                                   {"headMs", spec.relay->head.count()},
                                   {"idleMs", spec.relay->idle.count()}};
  }
  return json::serialize(object) + "\n";
}

Result<RunnerSpec> decode_spec(std::string_view text) {
  OMAKASE_TRY(const json::object object, base::parse_json_object(text));
  OMAKASE_TRY(const auto protocol, base::optional_int(object, "protocol"));
  if (protocol != kProtocol)
    return base::invalid("unknown_protocol", "The runner does not know this version of a spec.", "protocol");
  RunnerSpec spec;
  OMAKASE_TRY(spec.run_id, base::required_string(object, "runId"));
  OMAKASE_TRY(spec.argv, texts(object, "argv"));
  OMAKASE_TRY(spec.environment, texts(object, "environment"));
  OMAKASE_TRY(spec.folder, base::required_string(object, "folder"));
  OMAKASE_TRY(spec.limits.processes, required_count(object, "maxProcesses"));
  OMAKASE_TRY(spec.limits.memory_bytes, required_count(object, "maxMemoryBytes"));
  OMAKASE_TRY(spec.orphan_timeout, required_ms(object, "orphanTimeoutMs"));
  OMAKASE_TRY(spec.stop.interrupt, required_ms(object, "interruptMs"));
  OMAKASE_TRY(spec.stop.close, required_ms(object, "closeMs"));
  OMAKASE_TRY(spec.stop.term, required_ms(object, "termMs"));
  spec.interrupt = base::string_or_empty(object, "interrupt");
  if (!base::valid_id(spec.run_id)) return base::invalid("invalid_id", "The run's id is malformed.", "runId");
  if (spec.argv.empty()) return base::invalid("required", "\"argv\" names no program.", "argv");
  if (const json::object* sandbox = base::object_or_null(object, "sandbox")) {
    OMAKASE_TRY(spec.sandbox, decode_sandbox(*sandbox));
  }
  if (const json::object* relay = base::object_or_null(object, "relay")) {
    OMAKASE_TRY(spec.relay, decode_relay(*relay));
  }
  return spec;
}

Result<void> write_spec(const std::string& path, const RunnerSpec& spec) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return base::fail(base::ErrorKind::kUnavailable, "no_runner_folder",
                      "The runner's folder " + path + " cannot be made: " + std::strerror(errno) + ".");
  }
  OMAKASE_TRY(const RunnerFolder folder, RunnerFolder::open(path));
  if (folder.has(RunnerFolder::kSpool)) return folder.already_used();
  return folder.write(RunnerFolder::kSpec, encode(spec));
}

}  // namespace omakase::runner
