// The network of a sandbox that has one of its own, seen from outside: a socket made in there without any program of ours inside,
// and a way out (slirp4netns, a process beside the sandbox that carries its packets as an ordinary user's connections). The world
// is there then, this machine is not: neither its loopback nor its other addresses, nor link-local ones, where clouds keep the
// keys of a machine. Those are routes to nowhere, which nobody inside has the right to change. IPv4 only.
// Coroutines on the Loop's thread. Errors: kUnavailable `network_unavailable`, `spawn_failed`.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "process/child.h"
#include "process/fd.h"
#include "runtime/asio.h"

namespace omakase::process {

// Addresses for inside that are nobody's outside, and what is to be kept away from there.
struct Uplink {
  std::string net;       // "10.0.2.0/24"
  std::string resolver;  // "10.0.2.3"
  std::vector<in_addr> this_machine;

  // As this machine's addresses are now; one that comes later is not kept away.
  static Uplink plan();
  // What /etc/resolv.conf says inside.
  std::string resolver_file() const;
};

class OwnNetwork {
 public:
  // `inside` is a process in there, a child of ours or below one, and lives until this returns.
  static base::Result<OwnNetwork> of(pid_t inside);

  // A socket that listens on 127.0.0.1:`port` in there. What `uplink` keeps away is kept away from now on.
  runtime::Task<base::Result<Fd>> listen(std::uint16_t port, Uplink uplink) const;

  // Starts the way out; it ends with its Child. `environment` has the PATH to it.
  runtime::Task<base::Result<std::unique_ptr<Child>>> connect(Uplink uplink, Environment environment) const;

 private:
  OwnNetwork(Fd owner, Fd network) : owner_(std::move(owner)), network_(std::move(network)) {}

  Fd owner_;  // the user name space that the network belongs to
  Fd network_;
};

}  // namespace omakase::process
