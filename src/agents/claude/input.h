// The lines that we write to Claude Code's standard input (stream-json), without their newline. Pure.
// Source: measured with version 2.1.197.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/attachment.h"
#include "model/permission.h"

namespace omakase::agents::claude {

// A person's message. `uuid` names it: the agent takes a repeated one only once, and echoes it when it has received it. Text that
// begins with "/" would be a command of the agent program; it gets a blank in front, which makes it text. `now`: the turn that
// runs is stopped, and this message is the next.
std::string user_line(std::string_view uuid, std::string_view text, bool now = false,
                      const std::vector<model::AttachedFile>& files = {});

// Asks for a message back that was sent and not received; answered with {"cancelled": bool}.
std::string take_back_line(std::string_view request_id, std::string_view uuid);

// Asks the agent to stop its turn; background work that it started is stopped too.
std::string interrupt_line(std::string_view request_id);

// Answered as soon as the agent can take input, without a call of the model.
std::string initialize_line(std::string_view request_id);

// The agent's own word for a permission mode, and ours for one of its words; nullopt for a mode that we do not have.
std::string_view mode_word(model::PermissionMode mode);
std::optional<model::PermissionMode> parse_mode_word(std::string_view word);

std::string set_mode_line(std::string_view request_id, model::PermissionMode mode);

// "default" is the agent's own choice.
std::string set_model_line(std::string_view request_id, std::string_view model);

// The answer to a request for consent that is no longer pending.
std::string consent_line(const model::Permission& permission);

// The answer to a request of the agent's that this server does not serve.
std::string refusal_line(std::string_view request_id, std::string_view error);

}  // namespace omakase::agents::claude
