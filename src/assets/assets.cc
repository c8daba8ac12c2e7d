#include "assets/assets.h"

#include <algorithm>

#include "assets/embedded.h"
#include "base/text.h"

namespace omakase::assets {

namespace {

const EmbeddedFile* find(std::span<const EmbeddedFile> files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &EmbeddedFile::path);
  return found == files.end() ? nullptr : &*found;
}

// Whether a coding is taken: named, and not with q=0.
bool accepts(std::string_view header, std::string_view coding) {
  for (std::string_view item : base::split(header, ',')) {
    item = base::trim(item);
    const std::size_t semicolon = item.find(';');
    if (!base::equal_ignoring_case(base::trim(item.substr(0, semicolon)), coding)) continue;
    const std::string_view weight = semicolon == std::string_view::npos ? "" : base::trim(item.substr(semicolon + 1));
    return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000";
  }
  return false;
}

net::Response answer(const EmbeddedFile& file, const net::Request& request) {
  net::Response response;
  response.content_type = file.content_type;
  response.with("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache")
      .with("ETag", std::string(file.etag))
      .with("Vary", "Accept-Encoding");
  for (std::string_view tag : base::split(request.header("If-None-Match"), ',')) {
    tag = base::trim(tag);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == file.etag) {
      response.status = 304;
      return response;
    }
  }
  const std::string_view codings = request.header("Accept-Encoding");
  if (!file.brotli.empty() && accepts(codings, "br")) {
    response.with("Content-Encoding", "br").static_body = file.brotli;
  } else if (!file.gzip.empty() && accepts(codings, "gzip")) {
    response.with("Content-Encoding", "gzip").static_body = file.gzip;
  } else {
    response.static_body = file.identity;
  }
  return response;
}

}  // namespace

net::Response serve(const net::Request& request) {
  std::string path;
  if (!base::percent_decode(std::string_view(request.path).substr(request.path.starts_with('/') ? 1 : 0), path)) path = "?";
  if (const EmbeddedFile* file = find(embedded_web(), path)) return answer(*file, request);
  const bool routed_by_the_page = path.find('.', path.rfind('/') == std::string::npos ? 0 : path.rfind('/')) == std::string::npos;
  const EmbeddedFile* index = find(embedded_web(), "index.html");
  if (routed_by_the_page && index) return answer(*index, request);
  return net::problem(base::not_found("no_such_address", "There is nothing at this address.").error());
}

net::Response serve_openapi(const net::Request& request) {
  const EmbeddedFile* file = find(embedded_api(), "openapi.json");
  return file ? answer(*file, request)
              : net::problem(base::not_found("no_such_address", "There is nothing at this address.").error());
}

std::string_view script(std::string_view path) {
  const EmbeddedFile* file = find(embedded_scripts(), path);
  return file ? file->identity : std::string_view();
}

}  // namespace omakase::assets
