#include "model/attachment.h"

#include <algorithm>

#include "base/text.h"

namespace omakase::model {

namespace {

using std::string_view_literals::operator""sv;

// The marks that change direction, and those that nobody sees.
bool hidden(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]) < 0x20 || character[0] == 0x7F;
  if (character.size() == 2) return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
  const auto between = [character](std::string_view first, std::string_view last) {
    return character >= first && character <= last;
  };
  return between("\xE2\x80\x8B", "\xE2\x80\x8F") || between("\xE2\x80\xA8", "\xE2\x80\xAE") ||
         between("\xE2\x81\xA0", "\xE2\x81\xAF") || character == "\xEF\xBB\xBF";
}

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

json::object to_json(const Attachment& attachment) {
  return {{"id", attachment.id}, {"name", attachment.name}, {"mediaType", attachment.media_type}, {"size", attachment.size}};
}

json::array attachments_to_json(const std::vector<Attachment>& attachments) {
  json::array array;
  for (const Attachment& attachment : attachments) array.push_back(to_json(attachment));
  return array;
}

std::vector<Attachment> attachments_from_json(const json::array& array) {
  std::vector<Attachment> attachments;
  for (const json::value& item : array) {
    const json::object* object = item.if_object();
    if (!object) continue;
    const json::value* size = object->if_contains("size");
    attachments.push_back({.id = std::string(base::string_or_empty(*object, "id")),
                           .name = std::string(base::string_or_empty(*object, "name")),
                           .media_type = std::string(base::string_or_empty(*object, "mediaType")),
                           .size = size && size->is_int64() ? size->as_int64() : 0});
  }
  return attachments;
}

std::optional<std::string_view> media_type_of(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1A\n"sv)) return "image/png";
  if (bytes.starts_with("\xFF\xD8\xFF"sv)) return "image/jpeg";
  if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return "image/gif";
  if (bytes.size() >= 12 && bytes.starts_with("RIFF"sv) && bytes.substr(8, 4) == "WEBP"sv) return "image/webp";
  if (bytes.contains('\0') || !base::valid_utf8(bytes)) return std::nullopt;
  return kTextFile;
}

std::string file_name(std::string_view name) {
  const std::string whole = base::scrub_utf8(name.substr(name.find_last_of("/\\") + 1));
  std::string clean;
  for (std::size_t at = 0; at < whole.size();) {
    std::size_t end = at + 1;
    while (end < whole.size() && !starts_character(whole[end])) ++end;
    const std::string_view character = std::string_view(whole).substr(at, end - at);
    if (!hidden(character)) clean += character;
    at = end;
  }
  const std::string_view kept = base::trim(clean);
  if (kept.empty()) return "file";
  if (kept.size() <= kMaxFileName) return std::string(kept);
  // What it ends with tells what it is.
  const std::size_t dot = kept.rfind('.');
  const std::string_view ending =
      dot != std::string_view::npos && kept.size() - dot <= 16 ? kept.substr(dot) : std::string_view();
  return std::string(base::utf8_prefix(kept, kMaxFileName - ending.size())) + std::string(ending);
}

}  // namespace omakase::model
