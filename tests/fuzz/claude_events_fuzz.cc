// Whatever an agent writes on a line, the parser gives events, and every text in them is valid UTF-8.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agents/claude/events.h"
#include "base/text.h"

namespace omakase {
namespace {
namespace claude = agents::claude;

void must(bool holds) {
  if (!holds) std::abort();
}

struct Check {
  void operator()(const claude::Block& block) const {
    must(base::valid_utf8(block.text) && base::valid_utf8(block.tool) && base::valid_utf8(block.tool_use_id));
    must(base::valid_utf8(boost::json::serialize(block.input)));
  }
  void operator()(const claude::TextDelta& delta) const { must(base::valid_utf8(delta.text)); }
  void operator()(const claude::ToolResult& result) const { must(base::valid_utf8(result.content)); }
  void operator()(const claude::Result& result) const { must(base::valid_utf8(result.text)); }
  void operator()(const claude::TaskStarted& task) const { must(base::valid_utf8(task.description)); }
  void operator()(const claude::ControlResponse& answer) const {
    must(base::valid_utf8(boost::json::serialize(answer.response)));
  }
  void operator()(const claude::ControlRequest& asked) const {
    const auto request = claude::parse_permission_request(asked);
    if (!request) return;
    must(base::valid_utf8(request->description + request->reason + request->blocked_path));
    must(base::valid_utf8(boost::json::serialize(request->input)));
  }
  void operator()(const auto&) const {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  for (const claude::Event& event : claude::parse_line(line)) std::visit(Check{}, event);
  return 0;
}

}  // namespace omakase
