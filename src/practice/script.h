// The language in which a person's text tells the practice model what to answer: one directive a line, `!name arguments`.
// Lines without one are only words. A step (one answer of the model) ends with its tool; the last one ends the turn.
//
//   !reply TEXT, !text TEXT  says TEXT (\n is a new line)     !status CODE [xN]   the HTTP error CODE, N times (1)
//   !words N                 says w1 w2 … wN                  !retry-after S      with this header
//   !long BYTES              says so many bytes in lines      !error TYPE [xN]    an error event in the stream, N times
//   !slow N MS               N words, MS between them         !cut N [xK]         the connection breaks after N deltas, K times
//   !thinking TEXT           thinks                           !hang               says nothing more
//   !tool NAME {JSON}        uses a tool and ends the step    !hold NAME          waits for POST /practice/release {"name"}
//   !parallel                the tools that follow: one step  !hold-start NAME    the same before the response begins
//   !delay MS                between two pieces from here on  !b64 BASE64         the directives of the decoded text
//
// Pure; any thread. The text is a stranger's: what cannot be read is an error that says which line.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "practice/step.h"

namespace omakase::practice {

struct Script {
  std::vector<Step> steps;            // in order; none when the text has no directive but !delay
  std::optional<milliseconds> delay;  // what the last !delay said
};

base::Result<Script> parse_script(std::string_view text);

}  // namespace omakase::practice
