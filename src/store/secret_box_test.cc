#include "store/secret_box.h"

#include <sys/stat.h>

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "store/contract/store_contract.h"

namespace omakase::store {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr SecretName kVariable{"project", "TOKEN"};

class Secrets : public testing::Test {
 protected:
  SecretBox box() { return SecretBox::load(folder_.path()).value(); }
  std::filesystem::path key_file() const { return folder_.path() / "secret.key"; }
  void write_key(std::string_view content, mode_t mode = 0600) {
    std::ofstream(key_file(), std::ios::binary) << content;
    ::chmod(key_file().c_str(), mode);
  }
  // The sentence with which loading is refused.
  std::string refusal() {
    const auto loaded = SecretBox::load(folder_.path());
    if (loaded) return "no refusal";
    EXPECT_EQ(loaded.error().code, "secret_key_unusable");
    EXPECT_THAT(loaded.error().detail, HasSubstr(key_file().string()));
    return loaded.error().detail;
  }

  contract::TemporaryFolder folder_;
};

std::string failure(const SecretBox& box, std::string_view sealed, SecretName name) {
  const auto opened = box.open(sealed, name);
  if (opened) return "opened: " + *opened;
  EXPECT_EQ(opened.error().code, "secret_unreadable");
  return opened.error().detail;
}

TEST_F(Secrets, AreReadBackAfterARestart) {
  for (const std::string& secret :
       {std::string(), std::string("hunter2"), std::string("a\0b\n\xff", 5), std::string(32 * 1024, 'x')}) {
    const std::string sealed = box().seal(secret, kVariable);
    EXPECT_EQ(box().open(sealed, kVariable), secret);
  }
}

TEST_F(Secrets, ShowNothingOfThemselvesWhenSealed) {
  const SecretBox sealing = box();
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(sealing.seal("hunter2-hunter2", kVariable));
  EXPECT_EQ(seen.size(), 100u) << "the same secret looks different every time";
  for (const std::string& sealed : seen) {
    EXPECT_THAT(sealed, Not(HasSubstr("hunter2")));
    EXPECT_THAT(sealed, testing::MatchesRegex("v1\\.[0-9a-f]+\\.[A-Za-z0-9_-]+"));
  }
}

TEST_F(Secrets, OpenAtTheirOwnPlaceOnly) {
  const SecretBox sealing = box();
  const std::string sealed = sealing.seal("hunter2", {"ab", "C"});
  for (const SecretName other :
       {SecretName{"ab", "D"}, SecretName{"a", "bC"}, SecretName{"abC", ""}, SecretName{"ab", kGitTokenName}}) {
    EXPECT_THAT(failure(sealing, sealed, other), HasSubstr("another place"));
  }
  EXPECT_EQ(sealing.open(sealed, {"ab", "C"}), "hunter2");
}

TEST_F(Secrets, ThatWereTamperedWithDoNotOpen) {
  const SecretBox sealing = box();
  const std::string sealed = sealing.seal("hunter2", kVariable);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    std::string changed = sealed;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_THAT(failure(sealing, changed, kVariable), Not(HasSubstr("opened")));
    EXPECT_THAT(failure(sealing, sealed.substr(0, at), kVariable), Not(HasSubstr("opened")));
  }
  EXPECT_THAT(failure(sealing, sealed + "!", kVariable), HasSubstr("damaged"));
  EXPECT_THAT(failure(sealing, sealed + sealed, kVariable), HasSubstr("damaged"));
}

TEST_F(Secrets, OfALostKeySaySo) {
  const std::string sealed = box().seal("hunter2", kVariable);
  std::filesystem::remove(key_file());
  const SecretBox other = box();
  EXPECT_EQ(failure(other, sealed, kVariable),
            "The variable TOKEN was sealed with another key. Put back the secret.key of your backup, or set it again.");
  EXPECT_THAT(failure(other, sealed, {"project", kGitTokenName}), HasSubstr("git token was sealed with another key"));
}

TEST_F(Secrets, HaveAKeyThatOnlyItsOwnerReads) {
  (void)box();
  struct stat status{};
  ASSERT_EQ(::stat(key_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(status.st_size, 32);
  EXPECT_FALSE(std::filesystem::exists(key_file().string() + ".new"));
  ::chmod(key_file().c_str(), 0640);
  EXPECT_THAT(refusal(), HasSubstr("chmod 600"));
}

TEST_F(Secrets, AreNotSealedWithWhatIsNoKey) {
  write_key("too short");
  EXPECT_THAT(refusal(), HasSubstr("no key"));
  write_key(std::string(33, 'x'));
  EXPECT_THAT(refusal(), HasSubstr("no key"));
  std::filesystem::remove(key_file());
  std::filesystem::create_directory(key_file());
  EXPECT_THAT(refusal(), HasSubstr("no key"));
}

TEST_F(Secrets, HaveAKeyThatIsNoLinkToSomewhereElse) {
  write_key(std::string(32, 'x'));
  std::filesystem::rename(key_file(), folder_.path() / "elsewhere");
  std::filesystem::create_symlink(folder_.path() / "elsewhere", key_file());
  EXPECT_THAT(refusal(), HasSubstr("symbolic link"));
}

TEST_F(Secrets, HaveAKeyEvenIfAFirstStartBrokeOffInTheMiddle) {
  std::ofstream(key_file().string() + ".new") << "half";
  const std::string sealed = box().seal("hunter2", kVariable);
  EXPECT_EQ(box().open(sealed, kVariable), "hunter2");
}

TEST(Wiping, LeavesNothing) {
  std::string secret = "hunter2-hunter2-hunter2-hunter2";
  const char* where = secret.data();
  wipe(secret);
  EXPECT_TRUE(secret.empty());
  EXPECT_EQ(where[8], '\0');
}

}  // namespace
}  // namespace omakase::store
