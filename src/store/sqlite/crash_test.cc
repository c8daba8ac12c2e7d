#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "store/sqlite/store_fixture.h"

namespace omakase::store::sqlite {
namespace {

// Appends for ever; each id is written to `out` once its message is acknowledged.
Task<> append_for_ever(MessageLog& log, std::string prefix, int out) {
  for (int i = 0;; ++i) {
    Commit commit;
    const std::string id = prefix + std::to_string(i);
    commit.changes.push_back(contract::a_given_message("run", id));
    if (!co_await log.commit(std::move(commit))) continue;
    const std::string line = id + "\n";
    if (write(out, line.data(), line.size()) < 0) co_return;
  }
}

[[noreturn]] void append_until_killed(const std::filesystem::path& folder, const std::string& round, int out) {
  runtime::Loop loop;
  const base::SystemClock clock;
  auto store = SqliteStore::open(folder, loop.executor(), clock);
  if (!store) _exit(1);
  Commit start;
  start.changes.push_back(StartRun{contract::a_run("run")});
  const auto started = runtime::run_task(loop, (*store)->messages().commit(std::move(start)));
  if (!started && started.error().code != "id_conflict") _exit(1);  // it exists from the second round on
  runtime::TaskGroup group(loop.executor());
  for (int sender = 0; sender < 16; ++sender) {
    group.spawn("append", append_for_ever((*store)->messages(), round + "-" + std::to_string(sender) + "-", out));
  }
  loop.io().restart();
  loop.run();
  _exit(2);
}

std::string read_some(int fd) {
  char buffer[4096];
  const ssize_t size = read(fd, buffer, sizeof buffer);
  return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : "";
}

TEST_F(SqliteStoreFixture, AProcessKilledWhileItWritesHasLostNothingItAcknowledged) {
  std::string acknowledged;
  for (int round = 0; round < 10; ++round) {
    int out[2];
    ASSERT_EQ(pipe(out), 0);
    const pid_t writer = fork();
    if (writer == 0) append_until_killed(folder_.path(), "r" + std::to_string(round), out[1]);
    close(out[1]);
    // Each round ends at another point of the work.
    const std::size_t enough = acknowledged.size() + 1 + static_cast<std::size_t>(round) * 1'500;
    while (acknowledged.size() < enough) {
      const std::string more = read_some(out[0]);
      ASSERT_FALSE(more.empty()) << "the writer ended by itself";
      acknowledged += more;
    }
    kill(writer, SIGKILL);
    for (std::string more = read_some(out[0]); !more.empty(); more = read_some(out[0])) acknowledged += more;
    waitpid(writer, nullptr, 0);
    close(out[0]);
  }

  ASSERT_TRUE(open());
  const std::vector<std::string> kept = stored();
  const std::set<std::string> found(kept.begin(), kept.end());
  EXPECT_EQ(found.size(), kept.size()) << "a message is there twice";
  std::istringstream lines(acknowledged);
  std::size_t count = 0;
  for (std::string id; std::getline(lines, id); ++count) EXPECT_TRUE(found.contains(id)) << id << " was acknowledged and is lost";
  EXPECT_GT(count, 1'000u);
}

}  // namespace
}  // namespace omakase::store::sqlite
