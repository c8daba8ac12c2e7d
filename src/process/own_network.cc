#include "process/own_network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/nsfs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <variant>

#include "process/start_up.h"
#include "runtime/loop.h"

namespace omakase::process {

namespace {

namespace asio = runtime::asio;
using base::ErrorKind;
using base::Result;
using runtime::Task;
using std::chrono_literals::operator""s;

constexpr auto kLimit = 10s;
constexpr unsigned kPrefix = 24;
// Whichever of them this machine is no part of.
constexpr const char* kNets[] = {"10.0.2.0", "10.231.77.0", "172.30.251.0", "192.168.251.0"};
constexpr in_addr_t kLinkLocal = 0xa9fe0000;  // 169.254.0.0/16

base::Failure unavailable(std::string detail) {
  return base::fail(ErrorKind::kUnavailable, "network_unavailable", std::move(detail));
}

in_addr address(const char* text) {
  in_addr value{};
  inet_pton(AF_INET, text, &value);
  return value;
}

std::string with_last(const char* net, const char* last) {
  const std::string text = net;
  return text.substr(0, text.rfind('.') + 1) + last;
}

struct Interface {
  in_addr address;
  in_addr mask;
};

std::vector<Interface> interfaces() {
  std::vector<Interface> list;
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return list;
  for (const ifaddrs* one = all; one; one = one->ifa_next) {
    if (!one->ifa_addr || !one->ifa_netmask || one->ifa_addr->sa_family != AF_INET) continue;
    list.push_back({reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr,
                    reinterpret_cast<const sockaddr_in*>(one->ifa_netmask)->sin_addr});
  }
  freeifaddrs(all);
  return list;
}

// From here to the parent's wait: what the forked process does. It shares nothing and allocates nothing.

// A route by which nothing is reached. `address` in network order.
bool keep_away(int netlink, in_addr address, unsigned char prefix) {
  struct {
    nlmsghdr head;
    rtmsg route;
    rtattr attribute;
    in_addr address;
  } request{};
  request.head = {.nlmsg_len = sizeof request,
                  .nlmsg_type = RTM_NEWROUTE,
                  .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK,
                  .nlmsg_seq = 1};
  request.route.rtm_family = AF_INET;
  request.route.rtm_dst_len = prefix;
  request.route.rtm_table = RT_TABLE_MAIN;
  request.route.rtm_protocol = RTPROT_STATIC;
  request.route.rtm_scope = RT_SCOPE_UNIVERSE;
  request.route.rtm_type = RTN_UNREACHABLE;
  request.attribute = {.rta_len = RTA_LENGTH(sizeof(in_addr)), .rta_type = RTA_DST};
  request.address = address;
  struct {
    nlmsghdr head;
    nlmsgerr error;
  } answer{};
  if (send(netlink, &request, sizeof request, 0) != sizeof request) return false;
  if (recv(netlink, &answer, sizeof answer, 0) < static_cast<ssize_t>(sizeof answer)) return false;
  return answer.head.nlmsg_type == NLMSG_ERROR && (answer.error.error == 0 || answer.error.error == -EEXIST);
}

bool loopback_is_up(int any_socket) {
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  return ioctl(any_socket, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
}

// bubblewrap brings it up, and gives up where somebody else has done so before. The kernel tells of each change.
bool wait_for_loopback() {
  const int changes = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  const sockaddr_nl links{.nl_family = AF_NETLINK, .nl_pad = 0, .nl_pid = 0, .nl_groups = RTMGRP_LINK};
  const timeval limit{.tv_sec = std::chrono::seconds(kLimit).count(), .tv_usec = 0};
  if (changes < 0 || bind(changes, reinterpret_cast<const sockaddr*>(&links), sizeof links) != 0) return false;
  if (setsockopt(changes, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) return false;
  char change[4096];
  while (!loopback_is_up(changes)) {
    if (recv(changes, change, sizeof change, 0) < 0) return false;
  }
  return true;
}

int listening_socket(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in where{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) return -1;
  return ::listen(fd, SOMAXCONN) == 0 ? fd : -1;
}

bool send_descriptor(int channel, int fd) {
  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message{.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  cmsghdr* head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(head), &fd, sizeof fd);
  return sendmsg(channel, &message, 0) == 1;
}

// What could not be done, as the exit code of the process that tried.
constexpr const char* kSteps[] = {"", "entered", "brought up", "kept away from this machine", "listened in"};

[[noreturn]] void work_inside(int owner, int network, std::uint16_t port, const std::vector<in_addr>& away, int channel) {
  if (setns(owner, CLONE_NEWUSER) != 0 || setns(network, CLONE_NEWNET) != 0) _exit(1);
  if (!wait_for_loopback()) _exit(2);
  const int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  bool kept_away = keep_away(netlink, {htonl(kLinkLocal)}, 16);
  for (const in_addr one : away) kept_away = kept_away && keep_away(netlink, one, 32);
  if (!kept_away) _exit(3);
  const int fd = listening_socket(port);
  _exit(fd >= 0 && send_descriptor(channel, fd) ? 0 : 4);
}

// nullopt: there is nothing yet. No Fd: there will be none.
std::optional<Fd> take_descriptor(int channel) {
  char byte = 0;
  iovec data{&byte, 1};
  int fd = -1;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  msghdr message{.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  const ssize_t got = recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  const cmsghdr* head = got == 1 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (!head || head->cmsg_type != SCM_RIGHTS) return Fd();
  std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
  return Fd(fd);
}

Task<Fd> receive_descriptor(Child::Stream& channel) {
  for (;;) {
    if (auto fd = take_descriptor(channel.native_handle())) co_return *std::move(fd);
    // That something can be read is no promise: what is asked is asked again.
    co_await channel.async_wait(Child::Stream::wait_read, runtime::use_tuple);
  }
}

Task<bool> read_byte(Child::Stream& stream) {
  char byte = 0;
  const auto [error, got] = co_await stream.async_read_some(asio::buffer(&byte, 1), runtime::use_tuple);
  co_return !error;
}

}  // namespace

Uplink Uplink::plan() {
  const std::vector<Interface> here = interfaces();
  const auto is_free = [&](const char* net) {
    const in_addr_t mask = htonl(~0U << (32 - kPrefix));
    return std::ranges::none_of(here, [&](const Interface& one) {
      const in_addr_t common = mask & one.mask.s_addr;
      return (one.address.s_addr & common) == (address(net).s_addr & common);
    });
  };
  const auto free_net = std::ranges::find_if(kNets, is_free);
  const char* net = free_net == std::end(kNets) ? kNets[0] : *free_net;
  Uplink uplink{.net = std::string(net) + "/" + std::to_string(kPrefix), .resolver = with_last(net, "3")};
  for (const Interface& one : here) {
    const bool loopback = (ntohl(one.address.s_addr) >> 24) == IN_LOOPBACKNET;
    if (!loopback) uplink.this_machine.push_back(one.address);
  }
  return uplink;
}

std::string Uplink::resolver_file() const {
  std::string text = "nameserver " + resolver + "\n";
  std::ifstream file("/etc/resolv.conf");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("search ") || line.starts_with("domain ") || line.starts_with("options ")) text += line + "\n";
  }
  return text;
}

Result<OwnNetwork> OwnNetwork::of(pid_t inside) {
  const std::string path = "/proc/" + std::to_string(inside) + "/ns/net";
  Fd network(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!network) return unavailable("The sandbox's network cannot be entered: " + std::string(std::strerror(errno)) + ".");
  Fd owner(ioctl(network.get(), NS_GET_USERNS));
  if (!owner) return unavailable("The sandbox's network cannot be entered: " + std::string(std::strerror(errno)) + ".");
  fcntl(owner.get(), F_SETFD, FD_CLOEXEC);
  return OwnNetwork(std::move(owner), std::move(network));
}

Task<Result<Fd>> OwnNetwork::listen(std::uint16_t port, Uplink uplink) const {
  using asio::experimental::awaitable_operators::operator||;
  OMAKASE_CO_TRY(Ends channel, connected_ends());
  Child::Stream ours(co_await asio::this_coro::executor, channel.ours.release());
  const pid_t helper = fork();
  if (helper == 0) work_inside(owner_.get(), network_.get(), port, uplink.this_machine, channel.theirs.get());
  channel.theirs.reset();
  if (helper < 0) co_return unavailable("No process can be started.");
  auto answer = co_await (receive_descriptor(ours) || runtime::sleep_for(kLimit));
  auto* received = std::get_if<0>(&answer);
  Fd socket = received ? std::move(*received) : Fd();
  if (!socket) kill(helper, SIGKILL);
  int status = 0;
  while (waitpid(helper, &status, 0) < 0 && errno == EINTR) {
  }
  const auto failed = static_cast<std::size_t>(WIFEXITED(status) ? WEXITSTATUS(status) : 0);
  if (!socket) {
    co_return unavailable("The sandbox's network cannot be " + std::string(kSteps[failed < std::size(kSteps) ? failed : 0]) +
                          ".");
  }
  co_return socket;
}

Task<Result<std::unique_ptr<Child>>> OwnNetwork::connect(Uplink uplink, Environment environment) const {
  using asio::experimental::awaitable_operators::operator||;
  OMAKASE_CO_TRY(Ends channel, connected_ends());
  Child::Stream ready(co_await asio::this_coro::executor, channel.ours.release());
  Command command{.argv = {"slirp4netns", "--configure", "--mtu=65520", "--cidr=" + uplink.net, "--disable-host-loopback",
                           "--enable-seccomp", "--userns-path=/proc/self/fd/3", "--netns-type=path", "--ready-fd=5"},
                  .environment = std::move(environment),
                  .folder = "/",
                  .die_with_parent = true,
                  .pass = {owner_.get(), network_.get(), channel.theirs.get()}};
  // It has no other rights than this user. Root's it can do without, and only root's: it wants to change its group first.
  if (geteuid() == 0) command.argv.emplace_back("--enable-sandbox");
  command.argv.insert(command.argv.end(), {"/proc/self/fd/4", "tap0"});
  auto child = Child::start(co_await asio::this_coro::executor, command);
  channel.theirs.reset();
  if (!child && child.error().code == "program_missing") co_return unavailable("slirp4netns is not installed.");
  if (!child) co_return unavailable(child.error().detail);
  const auto outcome = co_await (read_byte(ready) || runtime::sleep_for(kLimit));
  if (const auto* came = std::get_if<0>(&outcome); !came || !*came) {
    const std::string words = co_await last_words(**child);
    co_return unavailable("slirp4netns cannot connect a sandbox here: " + words);
  }
  co_return std::move(*child);
}

}  // namespace omakase::process
