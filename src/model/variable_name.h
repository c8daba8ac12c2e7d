// Which names a project's variables may have. A variable reaches the agent's program before its shell: what that program, the
// sandbox, the dynamic linker or the shell's start would take for an instruction to themselves is refused. Pure.
#pragma once

#include <string_view>

#include "base/error.h"

namespace omakase::model {

// [A-Za-z_][A-Za-z0-9_]{0,63}, and none that is reserved. kInvalid `invalid_name`.
base::Result<void> check_variable_name(std::string_view name);

}  // namespace omakase::model
