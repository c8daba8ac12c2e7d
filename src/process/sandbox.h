// The command line that runs a program in a sandbox: bubblewrap with its own user, process, IPC and host name space, the same
// uid, no capabilities, no privileges to be gained, and of the file system only the operating system (read-only), the paths given
// here, and an empty /tmp of at most a quarter of the machine's memory. Other homes, the server's data folder and its processes
// are not there. Killing it kills all inside. A pure function but for looking which system folders exist; any thread. The
// environment does not belong in a command line, which everybody can read: it is the spawned command's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "process/spawn.h"
#include "runtime/asio.h"

namespace omakase::process {

// What of the network is there inside. kModel and kInternet are a network of the sandbox's own, in which only its own loopback
// stands; whoever starts the sandbox puts the rest into it (confined.h).
enum class Network {
  kOpen,      // the machine's own
  kModel,     // nothing but what listens on the sandbox's loopback: the relay to the model
  kInternet,  // that, and the world outside; not this machine, nor link-local addresses
};
std::string_view word(Network network);  // "open", "model", "internet"
std::optional<Network> network_named(std::string_view word);

struct SandboxSpec {
  std::vector<std::string> read_only;   // absolute paths that exist, seen at the same place inside
  std::vector<std::string> read_write;  // a path inside another one wins over it
  std::string folder;                   // where the program starts; must be visible inside
  Network network = Network::kOpen;

  bool operator==(const SandboxSpec&) const = default;
};

// Descriptors as bubblewrap has them (Command::pass); -1: none.
struct SandboxFds {
  int info = -1;      // it writes there, as JSON, which process is the first one inside
  int block = -1;     // it reads there before it starts the program
  int seccomp = -1;   // the refused system calls (seccomp.h)
  int resolver = -1;  // what stands in /etc/resolv.conf inside
};

// `argv` inside the sandbox. argv[0] is looked up inside, in the environment's PATH.
std::vector<std::string> sandboxed(const SandboxSpec& spec, const std::vector<std::string>& argv);

// The same command line, whoever wrote it, with these descriptors and this network; its options end with the first "--".
std::vector<std::string> completed(std::vector<std::string> argv, Network network, const SandboxFds& fds);

// Really runs something in a sandbox with the given environment's PATH: an error with code `sandbox_unavailable` says what is
// missing on this machine.
runtime::Task<base::Result<void>> sandbox_available(Environment environment);

}  // namespace omakase::process
