#include "runner/presence.h"

#include <unistd.h>

#include "base/json.h"
#include "process/tree.h"

namespace omakase::runner {

namespace {

namespace json = base::json;

std::optional<std::int64_t> positive(const json::object& object, std::string_view name) {
  const auto value = base::optional_int(object, name);
  return value && *value && **value > 0 ? *value : std::nullopt;
}

}  // namespace

Presence find(const std::string& path) {
  const auto folder = RunnerFolder::open(path);
  if (!folder) return Presence::kNone;
  if (folder->locked()) return Presence::kAlive;
  return folder->has(RunnerFolder::kSpool) ? Presence::kExited : Presence::kNone;
}

std::optional<pid_t> runner_pid(const std::string& path) {
  const auto folder = RunnerFolder::open(path);
  const auto text = folder ? folder->read(RunnerFolder::kPid) : std::unexpected(folder.error());
  const auto object = text ? base::parse_json_object(*text) : std::unexpected(text.error());
  if (!object || base::string_or_empty(*object, "bootId") != process::boot_id()) return std::nullopt;
  const auto pid = positive(*object, "pid");
  const auto start_time = positive(*object, "startTime");
  if (!pid || !start_time) return std::nullopt;
  const auto state = process::process_state(static_cast<pid_t>(*pid));
  const bool same = state && state->state != 'Z' && state->start_time == static_cast<std::uint64_t>(*start_time);
  return same ? std::optional(state->pid) : std::nullopt;
}

base::Result<void> write_pid(const RunnerFolder& folder) {
  const auto self = process::process_state(getpid());
  if (!self) return base::internal("This process is not listed in /proc.");
  const json::object object{{"pid", self->pid}, {"startTime", self->start_time}, {"bootId", process::boot_id()}};
  return folder.write(RunnerFolder::kPid, json::serialize(object) + "\n");
}

}  // namespace omakase::runner
