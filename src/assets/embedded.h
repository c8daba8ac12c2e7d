// What the binary carries with it: the built web interface, the scripts and the API's
// description. The tables are generated at build time by
// tools/embed_assets.mjs (see cmake/embed.cmake), sorted by path, constant, and good for any thread for the whole life
// of the process.
#pragma once

#include <span>
#include <string_view>

namespace omakase::assets {

struct EmbeddedFile {
  std::string_view path;          // relative to its folder, no leading slash: "index.html", "assets/index-4f1c.js"
  std::string_view content_type;  // with charset where it is text
  std::string_view etag;          // strong, in its quotes: "\"9f86d081884c7d65\""
  std::string_view identity;      // the bytes as they are
  std::string_view gzip;          // the same, compressed; empty where that would not be smaller
  std::string_view brotli;
  bool immutable = false;  // its name changes with its content: browsers may keep it for ever
};

std::span<const EmbeddedFile> embedded_web();
std::span<const EmbeddedFile> embedded_scripts();
std::span<const EmbeddedFile> embedded_api();  // "openapi.json"

}  // namespace omakase::assets
