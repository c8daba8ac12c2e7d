// A conversation as a text that people read and keep: Markdown, a message at a time. What people and agents wrote stays as they
// wrote it. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

#include "model/message.h"
#include "model/run.h"

namespace omakase::api {

// The title, and who talks in which project since when.
std::string transcript_head(const model::Thread& thread, std::string_view project_name);

// One message with a blank line behind it: who and when (UTC), what was said, a line for each tool. "" for what is only for the
// moment: the steps of a set-up, and what was taken back before anybody had read it. `agent` is the agent's name for people.
std::string transcript_entry(const model::Message& message, std::string_view agent);

// What a file of it is called, without ending: letters, digits and hyphens of the title, at most 60.
std::string transcript_file_name(const model::Thread& thread);

}  // namespace omakase::api
