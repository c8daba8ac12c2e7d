// A runner in a folder of its own, started as the server does it, and what a test says to it and hears from it. The agents are
// shell scripts. The test program is also the runner that it starts (runner_test.cc has its main).
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "process/confined.h"
#include "process/tree.h"
#include "runner/launcher.h"
#include "runner/link.h"
#include "runner/presence.h"
#include "runner/spec.h"
#include "runtime/loop.h"

namespace omakase::runner {

using base::Result;
using runtime::Loop;
using runtime::run_task;
using runtime::Task;
using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::HasSubstr;

inline std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Whether the process ends, or has ended.
inline bool ends(pid_t pid) {
  const process::Fd watched(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd end{.fd = watched.get(), .events = POLLIN, .revents = 0};
  return !watched || poll(&end, 1, 20'000) == 1;
}

// What was read from a link, as a test looks at it.
struct Heard {
  std::vector<std::string> out;
  std::string err;
  std::vector<Note> notes;
  std::uint64_t offset = 0;
  bool link_ended = false;

  void add(const Record& record) {
    offset = record.end_offset;
    if (record.kind == RecordKind::kOut) out.push_back(record.payload);
    if (record.kind == RecordKind::kErr) err += record.payload;
    if (record.kind == RecordKind::kNote) notes.push_back(decode_note(record.payload).value());
  }
  template <typename Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Note& note : notes) {
      if (const auto* one = std::get_if<Kind>(&note)) found.push_back(*one);
    }
    return found;
  }
  const note::Exit* exit() const { return notes.empty() ? nullptr : std::get_if<note::Exit>(&notes.back()); }
};

inline Task<> hear(RunnerLink& link, Heard& heard, std::function<bool(const Heard&)> enough) {
  while (!enough(heard)) {
    const auto record = co_await link.next();
    if (!record || !*record) {
      heard.link_ended = true;
      co_return;
    }
    heard.add(**record);
  }
}

inline bool exited(const Heard& heard) { return heard.exit() != nullptr; }
inline auto lines(std::size_t count) {
  return [count](const Heard& heard) { return heard.out.size() >= count; };
}

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/omakase-runner-XXXXXX";
    root_ = mkdtemp(name);
    folder_ = root_ + "/run";
  }
  void TearDown() override {
    if (const auto pid = runner_pid(folder_)) {
      kill(*pid, SIGKILL);
      EXPECT_TRUE(ends(*pid));
    }
    EXPECT_THAT(read_file(folder_ + "/runner.log"), testing::Not(HasSubstr("Sanitizer")));
    std::filesystem::remove_all(root_);
  }

  static RunnerSpec agent(std::string script) {
    return {.run_id = "01RUN",
            .argv = {"sh", "-c", std::move(script)},
            .environment = {"PATH=/usr/bin:/bin", "FOLLOWED=yes"},
            .folder = "/",
            .orphan_timeout = 60'000ms,
            .stop = {.interrupt = 100ms, .close = 100ms, .term = 100ms}};
  }

  Result<pid_t> start(const RunnerSpec& spec, Secrets secrets = {}) {
    if (const auto written = write_spec(folder_, spec); !written) return std::unexpected(written.error());
    Loop loop;
    const Launcher launcher;
    return run_task(loop, launcher.start(folder_, std::move(secrets)));
  }

  // Connects, sends, and listens until it has heard enough.
  Heard talk(std::vector<ServerMessage> messages, std::function<bool(const Heard&)> enough, std::uint64_t from = 0) {
    Loop loop;
    Heard heard;
    run_task(loop,
             [](std::string folder, std::uint64_t offset, std::vector<ServerMessage> said, Heard& into,
                std::function<bool(const Heard&)> until) -> Task<> {
               const auto link = co_await RunnerLink::connect(folder, offset);
               EXPECT_TRUE(link) << link.error().detail;
               if (!link) co_return;
               for (const ServerMessage& message : said) EXPECT_TRUE((*link)->send(message));
               co_await hear(**link, into, until);
               if (exited(into) && (*link)->live()) {
                 EXPECT_TRUE((*link)->send(message::Bye{}));
                 while (const auto more = co_await (*link)->next()) {
                   if (!*more) break;
                 }
               }
             }(folder_, from, std::move(messages), heard, std::move(enough)));
    return heard;
  }
  Heard hear_all(std::uint64_t from = 0) { return talk({}, exited, from); }

  std::string root_;
  std::string folder_;
};

class SandboxedRunnerTest : public RunnerTest {
 protected:
  void SetUp() override {
    RunnerTest::SetUp();
    if (!available(process::Network::kOpen)) GTEST_SKIP() << "there is no sandbox here";
    std::filesystem::create_directory(root_ + "/work");
  }

  static bool available(process::Network network) {
    Loop loop;
    return run_task(loop, process::network_available(network, {kPath})).has_value();
  }

  // A script of bash.
  RunnerSpec sandboxed_agent(std::string script) {
    RunnerSpec spec = agent({});
    spec.argv = {"bash", "-c", std::move(script)};
    spec.environment = {kPath, "FOLLOWED=yes"};
    spec.sandbox = process::SandboxSpec{.read_only = {}, .read_write = {root_ + "/work"}, .folder = root_ + "/work"};
    return spec;
  }

  static constexpr const char* kPath = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
};

}  // namespace omakase::runner
