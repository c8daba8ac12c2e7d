// An image or a text file that a person gives with a message, and what is taken for one. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace omakase::model {

namespace json = boost::json;

// In bytes. An image in base64 is at most the 5 MB that the Messages API takes.
inline constexpr std::size_t kMaxImageBytes = 3'750'000;
inline constexpr std::size_t kMaxTextFileBytes = 256 * 1024;
// Of one message.
inline constexpr std::size_t kMaxAttachments = 10;
inline constexpr std::size_t kMaxAttachmentsBytes = 12'000'000;
inline constexpr std::size_t kMaxFileName = 200;

inline constexpr std::string_view kTextFile = "text/plain";

struct Attachment {
  std::string id;
  std::string name;
  std::string media_type;  // image/png, image/jpeg, image/gif, image/webp or text/plain: as its bytes say
  std::int64_t size = 0;

  bool image() const { return media_type != kTextFile; }
  bool operator==(const Attachment&) const = default;
};

// Its bytes with it, as they are given to an agent.
struct AttachedFile {
  Attachment about;
  std::string bytes;
};

json::object to_json(const Attachment& attachment);
json::array attachments_to_json(const std::vector<Attachment>& attachments);
// Reads back what attachments_to_json() wrote (the store keeps it as text); what is something else is left out.
std::vector<Attachment> attachments_from_json(const json::array& array);

// What a file is by its bytes, whatever its name says; nullopt for what is neither one of the images nor text.
std::optional<std::string_view> media_type_of(std::string_view bytes);

// The last part of a path, without what would draw over its surroundings: control characters, changes of direction, invisible
// ones. Never empty.
std::string file_name(std::string_view name);

}  // namespace omakase::model
