#include "api/stream_door.h"

#include <charconv>
#include <utility>
#include <vector>

#include "base/log.h"
#include "runtime/loop.h"

namespace omakase::api {

namespace {

constexpr auto kLookEvery = std::chrono::seconds(10);

}  // namespace

bool StreamDoor::has_room_for(std::uint64_t client, bool local) const {
  if (limits_.most > 0 && feed_.stream_count() >= limits_.most) return false;
  const net::ClientLimit& limit = limits_.of_client;
  if (limit.most == 0 || (local && !limit.for_local_too)) return true;
  return feed_.streams_of(client) < limit.most;
}

// The first digits of its hash: nobody can choose them.
std::uint64_t StreamDoor::number_of(const std::string& login) {
  std::uint64_t number = 0;
  if (login.size() >= 16) std::from_chars(login.data(), login.data() + 16, number, 16);
  return number;
}

feed::StreamOwner StreamDoor::owner(std::uint64_t client, const access::Principal& reader) {
  const feed::StreamOwner owner{client, number_of(reader.login)};
  if (owner.login != 0) readers_.try_emplace(owner.login, Reader{reader.login, reader.id});
  return owner;
}

void StreamDoor::end_streams_of(const std::string& user_id) {
  for (const auto& [number, reader] : readers_) {
    if (reader.user_id == user_id) feed_.end_streams_of(number);
  }
}

runtime::Task<> StreamDoor::watch() {
  while (co_await runtime::sleep_for(kLookEvery)) {
    const std::vector<std::pair<std::uint64_t, Reader>> readers(readers_.begin(), readers_.end());
    for (const auto& [number, reader] : readers) {
      if (!feed_.has_streams_of(number)) {
        readers_.erase(number);
        continue;
      }
      const auto holds = co_await gate_.holds(reader.login);
      if (!holds || *holds) continue;  // a store that does not answer says nothing of the login
      base::log_info("a login ended, and its streams with it");
      feed_.end_streams_of(number);
    }
  }
}

}  // namespace omakase::api
