// The scripted model: a loopback server that speaks the Anthropic Messages API and answers by script (script.h, demonstration.h).
// Lives on one Loop; owned by the practice-model command or a test. listen() binds, serve() accepts, stop() ends what is waiting,
// join() waits until no connection is left. Requests that a web page could have sent (an Origin, a foreign Host) are refused.
//
//   HEAD /   POST /v1/messages   POST /v1/messages/count_tokens
//   GET  /practice/requests[?full=1]       what was asked so far, oldest first (request_log.h)
//   POST /practice/release {name}          lets go what waits for this name, now and later
//   POST /practice/script {when, script}   answers a person's words that contain `when` by this script; null forgets it
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "net/router.h"
#include "net/server.h"
#include "practice/answer.h"
#include "practice/request_log.h"

namespace omakase::practice {

using net::Request;
using net::Response;
using net::Task;

struct ModelOptions {
  milliseconds pace{15};  // between two pieces of text
  std::string log_path;   // each request as a line of JSON, unless empty
};

class PracticeModel {
 public:
  PracticeModel(runtime::Executor executor, const base::Clock& clock, const ModelOptions& options = {});

  // `address` must be a loopback address; port 0 takes a free one.
  base::Result<void> listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const { return server_.port(); }
  void serve() { server_.serve(); }
  void stop();
  Task<> join() { return server_.join(); }

 private:
  using Answering = Task<Response> (PracticeModel::*)(Request&);
  struct Playing;

  Task<Response> handle(Request& request);
  Task<Response> greet(Request& request);
  Task<Response> answer(Request& request);
  Task<Response> count_tokens(Request& request);
  Task<Response> show_requests(Request& request);
  Task<Response> release(Request& request);
  Task<Response> set_script(Request& request);

  std::optional<std::string_view> script_for(const Conversation& conversation) const;
  void settle_failures(Step& step, const Request& request, const Conversation& conversation);
  bool take_failure(const std::string& key, int times);
  Task<> play(std::shared_ptr<Playing> playing, net::BodyWriter& writer);
  Task<bool> play_beat(Playing& playing, const Beat& beat, net::BodyWriter& writer);
  Task<bool> wait_held(Playing& playing, const std::string& name, net::BodyWriter& writer);

  const base::Clock& clock_;
  ModelOptions options_;
  net::Router<Answering> router_;
  RequestLog log_;
  std::map<std::string, std::string> scripts_;  // by the words they wait for
  std::set<std::string> released_;
  std::map<std::string, int> failures_;  // how often a failure of a step has happened
  runtime::Signal changed_;              // something was released, or the server stops
  bool stopping_ = false;
  net::Server server_;
};

}  // namespace omakase::practice
