#include "notify/web_push.h"

#include <gtest/gtest.h>

#include <set>

#include "base/digest.h"

namespace omakase::notify {
namespace {

std::string decoded(std::string_view text) { return base::base64url_decode(text).value(); }

// The example of RFC 8291, section 5 and appendix A.
TEST(WebPush, EncryptsAsTheStandardsExampleDoes) {
  const auto once = PushKey::read(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).value();
  EXPECT_EQ(base::base64url(once.public_key()),
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
  const PushReader reader{decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
                          decoded("BTBZMqHH6r4Tts7J_aSIgg")};
  const auto body =
      encrypt_push("When I grow up, I want to be a watermelon", reader, once, decoded("DGv6ra1nlYgDCS1FRnbzlw")).value();
  EXPECT_EQ(base::base64url(body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
            "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
}

TEST(WebPush, EachMessageIsSealedAnew) {
  const PushKey browser = PushKey::make();
  const PushReader reader{browser.public_key(), std::string(16, 'a')};
  std::set<std::string> bodies;
  for (int i = 0; i < 20; ++i) bodies.insert(encrypt_push("the same", reader).value());
  EXPECT_EQ(bodies.size(), 20u);
}

TEST(WebPush, TakesNoKeyThatIsNone) {
  EXPECT_FALSE(PushKey::read(std::string(31, 'x')));
  EXPECT_FALSE(PushKey::read(std::string(32, '\0')));
  EXPECT_FALSE(PushKey::read(std::string(32, '\xFF')));
  std::string off_the_curve = PushKey::make().public_key();
  off_the_curve[40] = static_cast<char>(off_the_curve[40] + 1);
  EXPECT_FALSE(encrypt_push("x", {off_the_curve, std::string(16, 'a')}));
  EXPECT_FALSE(encrypt_push("x", {std::string(65, '\x04'), std::string(16, 'a')}));
  EXPECT_FALSE(encrypt_push("x", {PushKey::make().public_key(), "short"}));
  EXPECT_FALSE(encrypt_push(std::string(kMaxPushPayload + 1, 'x'), {PushKey::make().public_key(), std::string(16, 'a')}));
}

TEST(WebPush, AKeyIsReadBackAsItWas) {
  const PushKey key = PushKey::make();
  EXPECT_EQ(PushKey::read(key.private_key())->public_key(), key.public_key());
}

TEST(WebPush, SaysWhoAsksAndToWhom) {
  const PushKey key = PushKey::make();
  const std::string header = vapid_header(key, "https://push.example.org:8443/send/abc?x", "mailto:a@example.org", {1'000'000});
  ASSERT_TRUE(header.starts_with("vapid t="));
  const std::string token = header.substr(8, header.find(',') - 8);
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  EXPECT_EQ(decoded(token.substr(first + 1, second - first - 1)),
            R"({"aud":"https://push.example.org:8443","exp":43201,"sub":"mailto:a@example.org"})");
  EXPECT_EQ(decoded(token.substr(second + 1)).size(), 64u);
  EXPECT_TRUE(header.ends_with(", k=" + base::base64url(key.public_key())));
}

}  // namespace
}  // namespace omakase::notify
