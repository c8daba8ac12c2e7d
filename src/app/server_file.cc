#include "app/server_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "base/json.h"
#include "process/fd.h"

namespace omakase::app {

base::Result<void> write_private_file(const std::filesystem::path& path, std::string_view text) {
  const std::string part = path.string() + ".part";
  const process::Fd file(open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const bool written = file.get() >= 0 && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written || rename(part.c_str(), path.c_str()) != 0) {
    return base::fail(base::ErrorKind::kUnavailable, "disk_error", "Cannot write " + path.string() + ".");
  }
  return {};
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::optional<ServerFile> ServerFile::read(const std::filesystem::path& data) {
  const auto text = read_file(data / "server.json");
  if (!text) return std::nullopt;
  const auto object = base::parse_json_object(*text);
  if (!object) return std::nullopt;
  const auto pid = base::optional_int(*object, "pid");
  return ServerFile{std::string(base::string_or_empty(*object, "url")), std::string(base::string_or_empty(*object, "publicUrl")),
                    std::string(base::string_or_empty(*object, "token")), static_cast<pid_t>(pid ? pid->value_or(0) : 0)};
}

base::Result<void> ServerFile::write(const std::filesystem::path& data) const {
  return write_private_file(data / "server.json", base::json::serialize(base::json::object{
                                                      {"url", url}, {"publicUrl", public_url}, {"token", token}, {"pid", pid}}));
}

}  // namespace omakase::app
