#include "agents/repo_url.h"

#include <algorithm>

namespace omakase::agents {

namespace {

base::Failure refused(std::string detail) { return base::invalid("invalid_repo_url", std::move(detail), "repoUrl"); }

// "git@host:team/repo": no scheme, a colon before the first slash, a host that is no option.
bool is_scp_like(std::string_view url) {
  const std::size_t colon = url.find(':');
  const std::size_t slash = url.find('/');
  if (colon == std::string_view::npos || colon == 0 || slash < colon || colon + 1 == url.size()) return false;
  const std::string_view host = url.substr(0, colon);
  return url.find("::") == std::string_view::npos && host.find_first_of(" \\") == std::string_view::npos &&
         !host.starts_with('-') && host.find("@-") == std::string_view::npos;
}

// What follows "scheme://" must name a host that git or ssh cannot take for an option.
bool has_host(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::size_t at = authority.rfind('@');
  const std::string_view host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  return !host.empty() && !host.starts_with('-') && !authority.starts_with('-') && rest.size() > authority.size() + 1;
}

bool has_password(std::string_view rest) {
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const std::size_t at = authority.rfind('@');
  return at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos;
}

}  // namespace

bool is_local(std::string_view url) { return url.starts_with("file:///") || url.starts_with('/'); }

base::Result<void> check_repo_url(std::string_view url, bool allow_local) {
  const bool control = std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (control) return refused("The repository's address contains control characters.");
  if (url.starts_with('-')) return refused("A repository's address cannot begin with a dash.");
  if (url.starts_with("https://") || url.starts_with("ssh://")) {
    if (has_password(url.substr(url.find("://") + 3))) {
      return refused(
          "Leave the password out of the address: it would be stored and shown. Give it to git's credential helper instead.");
    }
    if (has_host(url.substr(url.find("://") + 3))) return {};
    return refused("The repository's address lacks a host or a path.");
  }
  if (is_local(url)) {
    if (allow_local) return {};
    return refused("Local repositories are for servers that listen on loopback only; use https:// or ssh://.");
  }
  if (url.find("://") == std::string_view::npos && is_scp_like(url)) return {};
  return refused(allow_local ? "Use an https:// or ssh:// address, git@host:path, or an absolute path on this machine."
                             : "Use an https:// or ssh:// address, or git@host:path.");
}

SplitAddress without_password(std::string_view url) {
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme) || !has_password(url.substr(kScheme.size()))) return {std::string(url), {}};
  const std::string_view rest = url.substr(kScheme.size());
  const std::size_t at = rest.substr(0, rest.find('/')).rfind('@');
  return {std::string(kScheme) + std::string(rest.substr(at + 1)), std::string(rest.substr(0, at))};
}

}  // namespace omakase::agents
