// A line of a run's log, and its JSON form. Values only; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "model/words.h"

namespace omakase::model {

namespace json = boost::json;
using base::Timestamp;

// What is kept of a line's message, in bytes of UTF-8.
inline constexpr std::size_t kMaxLogMessageBytes = 16 * 1024;

struct LogLine {
  std::int64_t n = 0;  // allotted by the store: unique, and grows from line to line; its text is the line's id
  std::string run_id;
  std::string agent_name;
  std::string project_id;  // not in the line's JSON: a log is a project's
  Timestamp timestamp;     // as who wrote it says: need not grow
  LogLevel level = LogLevel::kInfo;
  std::optional<std::string> source;  // which part of the program says it
  std::string message;
};

json::object to_json(const LogLine& line);

}  // namespace omakase::model
