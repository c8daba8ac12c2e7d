// A program that stands for Claude Code where many agents are needed and none of them thinks: it speaks the same lines
// (stream-json) and answers every message with `--words` words, one each `--pace-ms`, until it is told something else. Of its
// arguments it knows these two; those that Claude Code would get are ignored. It ends when its input does.
#include <poll.h>

#include <boost/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

namespace json = boost::json;

const char* const kSession = "00000000-0000-4000-8000-000000000001";

int argument(int argc, char** argv, std::string_view name, int otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == name) return std::atoi(argv[i + 1]);
  }
  return otherwise;
}

void say(json::object line) {
  line["session_id"] = kSession;
  const std::string text = json::serialize(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void stream(json::object event) { say({{"type", "stream_event"}, {"event", std::move(event)}, {"parent_tool_use_id", nullptr}}); }

void state(const char* name) { say({{"type", "system"}, {"subtype", "session_state_changed"}, {"state", name}}); }

void answer(const json::value& uuid, int turn, int words, int pace_ms) {
  const std::string id = "msg_" + std::to_string(turn);
  std::string text;
  state("running");
  say({{"type", "system"}, {"subtype", "init"}, {"model", "scripted"}, {"permissionMode", "bypassPermissions"}});
  say({{"type", "user"}, {"message", {{"role", "user"}, {"content", ""}}}, {"uuid", uuid}, {"isReplay", true}});
  stream({{"type", "message_start"}, {"message", {{"id", id}, {"role", "assistant"}}}});
  pollfd input{.fd = 0, .events = POLLIN, .revents = 0};
  bool undisturbed = true;
  for (int word = 1; word <= words && undisturbed; ++word) {
    const std::string piece = "w" + std::to_string(word) + " ";
    text += piece;
    stream({{"type", "content_block_delta"}, {"index", 0}, {"delta", {{"type", "text_delta"}, {"text", piece}}}});
    undisturbed = poll(&input, 1, pace_ms) == 0;
  }
  say({{"type", "assistant"},
       {"message", {{"id", id}, {"model", "scripted"}, {"content", {{{"type", "text"}, {"text", text}}}}}},
       {"parent_tool_use_id", nullptr}});
  stream({{"type", "message_stop"}});
  say({{"type", "result"},
       {"subtype", "success"},
       {"is_error", false},
       {"result", text},
       {"terminal_reason", undisturbed ? "completed" : "aborted_streaming"}});
  state("idle");
}

}  // namespace

int main(int argc, char** argv) {
  const int words = argument(argc, argv, "--words", 20);
  const int pace_ms = argument(argc, argv, "--pace-ms", 50);
  int turn = 0;
  for (std::string text; std::getline(std::cin, text);) {
    boost::system::error_code failed;
    const json::value line = json::parse(text, failed);
    const json::object* object = failed ? nullptr : line.if_object();
    if (!object || !object->contains("type")) continue;
    const std::string_view type = object->at("type").as_string();
    if (type == "control_request") {
      say({{"type", "control_response"}, {"response", {{"subtype", "success"}, {"request_id", object->at("request_id")}}}});
    } else if (type == "user") {
      answer(object->at("uuid"), ++turn, words, pace_ms);
    }
  }
}
