#include "model/push.h"

#include <gtest/gtest.h>

namespace omakase::model {
namespace {

TEST(PushEndpoint, IsOneOfTheBrowsersServices) {
  for (const std::string endpoint :
       {"https://fcm.googleapis.com/fcm/send/abc", "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://wns2-par02p.notify.windows.com/w/?token=x", "https://web.push.apple.com/QA"}) {
    EXPECT_TRUE(check_push_endpoint(endpoint, {})) << endpoint;
  }
}

TEST(PushEndpoint, IsNothingElse) {
  for (const std::string endpoint :
       {"", "http://fcm.googleapis.com/x", "https://fcm.googleapis.com.evil.example/x", "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com:8080/x", "https://fcm.googleapis.com@evil.example/", "https://evilnotify.windows.com/x",
        "https://127.0.0.1/x", "https://fcm.googleapis.com\\@evil.example/", "https://evil.example#.notify.windows.com"}) {
    EXPECT_FALSE(check_push_endpoint(endpoint, {})) << endpoint;
  }
}

TEST(PushEndpoint, IsWhatTheOperatorNames) {
  const std::vector<std::string> more{"http://127.0.0.1:9000/"};
  EXPECT_TRUE(check_push_endpoint("http://127.0.0.1:9000/push/1", more));
  EXPECT_FALSE(check_push_endpoint("http://127.0.0.1:90000/push/1", more));
}

}  // namespace
}  // namespace omakase::model
