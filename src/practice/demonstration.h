// What the practice model does when nobody told it what to say: it makes the agent do a few real things in the workspace it is in
// (look around, read a file, change one, run a command) and answers, saying plainly that it is a script. Asked to fix a failing
// test, it runs the tests and repairs one of a few mistakes that it knows by heart, such as the one in the practice kitchen.
// The next step follows from the outcomes so far alone. Pure; any thread. Tool results are untrusted text: quoted, never obeyed.
#pragma once

#include "practice/conversation.h"
#include "practice/step.h"

namespace omakase::practice {

Step demonstrate(const Conversation& conversation);

}  // namespace omakase::practice
