#include "model/log_line.h"

namespace omakase::model {

json::object to_json(const LogLine& line) {
  return {{"id", std::to_string(line.n)}, {"runId", line.run_id},
          {"agentName", line.agent_name}, {"timestamp", base::format(line.timestamp)},
          {"level", word(line.level)},    {"source", line.source ? json::value(*line.source) : json::value(nullptr)},
          {"message", line.message}};
}

}  // namespace omakase::model
