// The agent's way to its model: an HTTP/1.1 server on loopback that passes the few calls on which an agent makes, with the real
// key in the place of the token that the agent was given. The token is good for this relay only, the key is in this process's
// memory only. Answers pass through piece by piece, the reader's pace is the sender's; a call that stands still is ended with an
// error in the model's own form, so that no agent hangs. Each call is noted in the spool, its tokens counted as they pass. Owned
// by HeldAgent, on its Loop's thread: listen(), then serve(); stop() ends every call, join() returns when their notes are
// written. Everything that comes in is hostile: the agent's tools can speak to the relay too, and they know its token. What they
// can have is what the agent has: calls of the model, counted, at most kMaxConnections at once, each of at most kMaxRequest.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/outbound.h"
#include "net/server.h"
#include "runner/scrubber.h"
#include "runner/secrets.h"
#include "runner/spec.h"
#include "runner/spool.h"
#include "runtime/task_group.h"

namespace omakase::runner {

class Relay {
 public:
  static constexpr std::size_t kMaxRequest = std::size_t{32} << 20;
  static constexpr std::size_t kMaxWholeAnswer = std::size_t{32} << 20;
  static constexpr std::size_t kMaxConnections = 32;

  // `spec`, `hidden` (values that the model shall not see either) and `spool` outlive it.
  Relay(runtime::Executor executor, const base::Clock& clock, const RelaySpec& spec, ModelUpstream upstream,
        const Scrubber& hidden, Spool& spool);

  // On a free port of this network name space's loopback, or with a socket that listens in another one.
  base::Result<void> listen();
  base::Result<void> listen_on(process::Fd socket);
  std::uint16_t port() const { return server_.port(); }
  // What tells the agent of a relay on this port.
  process::Environment environment(std::uint16_t port) const;

  void serve() { server_.serve(); }
  void stop();
  runtime::Task<> join();

 private:
  struct Call;
  using Answer = net::Outbound::Answer;

  bool knows_token(const net::Request& request) const;
  std::optional<net::Response> refuse(const net::Request& head) const;
  runtime::Task<net::Response> handle(net::Request& request);
  runtime::Task<net::Response> pass_on(net::Request& request);
  runtime::Task<net::Response> whole(std::shared_ptr<Call> call, std::unique_ptr<Answer> answer);
  net::Response streamed(std::shared_ptr<Call> call, std::unique_ptr<Answer> answer);
  runtime::Task<> stream(Call& call, Answer& answer, net::BodyWriter& writer);
  net::OutboundRequest outgoing(const net::Request& request) const;
  net::Response answer_head(const Answer& answer) const;
  std::shared_ptr<Call> begin_call(const net::Request& request);
  void note(Note note);

  const base::Clock& clock_;
  const RelaySpec& spec_;
  ModelUpstream upstream_;
  const Scrubber& hidden_;
  Scrubber key_;  // an answer shall not carry the key back
  Spool& spool_;
  std::string token_;
  net::Outbound outbound_;
  runtime::TaskGroup notes_;
  net::Server server_;
};

}  // namespace omakase::runner
