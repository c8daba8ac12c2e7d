// Commands that talk to a running server over its API: send, follow, login-link, stop; and doctor, which needs none.
#pragma once

#include <span>
#include <string>

namespace omakase::app {

int doctor_command(std::span<const std::string> arguments);
int login_link_command(std::span<const std::string> arguments);
int send_command(std::span<const std::string> arguments);
int follow_command(std::span<const std::string> arguments);
int stop_command(std::span<const std::string> arguments);

}  // namespace omakase::app
