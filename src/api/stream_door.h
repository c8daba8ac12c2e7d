// Who has how many event streams, and for how long: limits for each client and in all, and the end of a login's streams with the
// login. Owned by the Api; lives on the Loop's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "access/gate.h"
#include "feed/feed.h"
#include "net/rate_limit.h"

namespace omakase::api {

struct StreamLimits {
  std::size_t most = 0;  // in all; 0: any number
  net::ClientLimit of_client;
};

class StreamDoor {
 public:
  StreamDoor(feed::Feed& feed, access::Gate& gate, StreamLimits limits) : feed_(feed), gate_(gate), limits_(limits) {}

  // Whether this client may have one more.
  bool has_room_for(std::uint64_t client, bool local) const;

  // Whether a stream may be opened for who was identified a while ago; not when something was taken from anybody since. Who is
  // turned away comes back, and is asked again.
  bool still_holds(const access::Principal& reader) const { return reader.as_of == gate_.version(); }

  // As whom a stream that is opened now is counted and ended.
  feed::StreamOwner owner(std::uint64_t client, const access::Principal& reader);

  // Ends the streams of a login or token that was given up.
  void end(const std::string& login) { feed_.end_streams_of(number_of(login)); }
  // Ends those of a person who may see less than before: what they still may see, they open again.
  void end_streams_of(const std::string& user_id);

  // Looks every 10 s whether the logins that have streams still hold, and ends the streams of those that do not: they expired,
  // or a stream was opened in the moment in which its login ended.
  runtime::Task<> watch();

 private:
  static std::uint64_t number_of(const std::string& login);

  feed::Feed& feed_;
  access::Gate& gate_;
  StreamLimits limits_;
  struct Reader {
    std::string login;
    std::string user_id;
  };
  std::unordered_map<std::uint64_t, Reader> readers_;  // that have streams, or had
};

}  // namespace omakase::api
