// The lines that we write to Claude Code's standard input (stream-json), without their newline. Pure.
// Source: measured with version 2.1.197.
#pragma once

#include <string>
#include <string_view>

namespace omakase::agents::claude {

// A person's message. `uuid` names it: the agent takes a repeated one only once, and echoes it when it has received it. Text that
// begins with "/" would be a command of the agent program; it gets a blank in front, which makes it text.
std::string user_line(std::string_view uuid, std::string_view text);

// Asks the agent to stop its turn; background work that it started is stopped too.
std::string interrupt_line(std::string_view request_id);

// Answered as soon as the agent can take input, without a call of the model.
std::string initialize_line(std::string_view request_id);

// The answer to a request of the agent's that this server does not serve.
std::string refusal_line(std::string_view request_id, std::string_view error);

}  // namespace omakase::agents::claude
