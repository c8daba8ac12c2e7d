#include "store/data_lock.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <string>

#include "store/contract/store_contract.h"

namespace omakase::store {
namespace {

mode_t permissions(const std::filesystem::path& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

TEST(DataLock, MakesTheFolderForItsOwnerOnly) {
  const contract::TemporaryFolder parent;
  const auto folder = parent.path() / "deep" / "data";
  const auto lock = DataLock::acquire(folder);
  ASSERT_TRUE(lock.has_value());
  EXPECT_EQ(permissions(folder), 0700u);
  EXPECT_EQ(permissions(folder / "omakase.lock"), 0600u);
}

TEST(DataLock, KeepsASecondProcessOutAndNamesTheFirst) {
  const contract::TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    const auto lock = DataLock::acquire(folder.path());
    const char word = lock ? 'y' : 'n';
    if (write(ready[1], &word, 1) == 1) pause();
    _exit(0);
  }
  char word = 0;
  ASSERT_EQ(read(ready[0], &word, 1), 1);
  ASSERT_EQ(word, 'y');

  const auto refused = DataLock::acquire(folder.path());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, base::ErrorKind::kConflict);
  EXPECT_EQ(refused.error().code, "data_in_use");
  EXPECT_NE(refused.error().detail.find("process " + std::to_string(holder) + "."), std::string::npos) << refused.error().detail;

  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  EXPECT_TRUE(DataLock::acquire(folder.path()).has_value()) << "a killed holder leaves nothing behind";
  close(ready[0]);
  close(ready[1]);
}

TEST(DataLock, IsFreeAgainWhenItsOwnerLetsGo) {
  const contract::TemporaryFolder folder;
  {
    const auto lock = DataLock::acquire(folder.path());
    EXPECT_FALSE(DataLock::acquire(folder.path()).has_value());
  }
  EXPECT_TRUE(DataLock::acquire(folder.path()).has_value());
}

TEST(DataLock, SaysWhichFolderCannotBeUsed) {
  const auto refused = DataLock::acquire("/proc/no/such");
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().detail.find("/proc/no/such"), std::string::npos);
}

}  // namespace
}  // namespace omakase::store
