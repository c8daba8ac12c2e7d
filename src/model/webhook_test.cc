#include "model/webhook.h"

#include <gtest/gtest.h>

namespace omakase::model {
namespace {

TEST(WebhookUrl, IsAnAddressOfTheWeb) {
  for (const std::string url :
       {"https://hooks.example.org/a?b=c", "http://127.0.0.1:9000/", "http://[::1]:9000/x", "https://host"}) {
    EXPECT_TRUE(check_webhook_url(url)) << url;
  }
  for (const std::string url : {"", "ftp://host/", "file:///etc/passwd", "https://", "https:///x", "https://user:word@host/",
                                "https://ho st/", "https://host/\r\nX: y", "javascript:alert(1)", "http://:80/"}) {
    EXPECT_FALSE(check_webhook_url(url)) << url;
  }
  EXPECT_FALSE(check_webhook_url("https://host/" + std::string(kMaxWebhookUrl, 'x')));
}

TEST(WebhookUrl, IsNotWhereCloudsGiveCredentials) {
  for (const std::string url :
       {"http://169.254.169.254/latest", "http://169.254.169.254:80/", "http://METADATA.google.internal/", "http://[fe80::1]/"}) {
    EXPECT_FALSE(check_webhook_url(url)) << url;
  }
}

}  // namespace
}  // namespace omakase::model
