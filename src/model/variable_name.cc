#include "model/variable_name.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace omakase::model {

namespace {

constexpr std::size_t kMaxName = 64;

// Where programs are found, and what a shell or another interpreter runs or reads first.
constexpr std::string_view kReserved[] = {"PATH",
                                          "HOME",
                                          "SHELL",
                                          "USER",
                                          "LOGNAME",
                                          "PWD",
                                          "OLDPWD",
                                          "TMPDIR",
                                          "TERM",
                                          "LANG",
                                          "LC_ALL",
                                          "IFS",
                                          "CDPATH",
                                          "BASH_ENV",
                                          "ENV",
                                          "BASHOPTS",
                                          "SHELLOPTS",
                                          "BASH_XTRACEFD",
                                          "PROMPT_COMMAND",
                                          "PS4",
                                          "ZDOTDIR",
                                          "GCONV_PATH",
                                          "LOCPATH",
                                          "GLIBC_TUNABLES",
                                          "OPENSSL_CONF",
                                          "OPENSSL_ENGINES",
                                          "OPENSSL_MODULES",
                                          "SSLKEYLOGFILE",
                                          "SSL_CERT_FILE",
                                          "SSL_CERT_DIR",
                                          "NODE_OPTIONS",
                                          "NODE_PATH",
                                          "NODE_EXTRA_CA_CERTS",
                                          "NODE_TLS_REJECT_UNAUTHORIZED",
                                          "NODE_USE_ENV_PROXY",
                                          "IS_SANDBOX"};

// Of the agent's program and of this one; of the dynamic linker; of the JavaScript engine that the program carries; of git, which
// runs commands that they name.
constexpr std::string_view kReservedStarts[] = {"ANTHROPIC_",    "CLAUDE",  "OMAKASE_",    "DISABLE_",  "MCP_",
                                                "LD_",           "BUN_",    "XDG_",        "OTEL_",     "GIT_CONFIG",
                                                "GIT_EXEC_PATH", "GIT_SSH", "GIT_ASKPASS", "BASH_FUNC_"};

// Programs read these in small letters too.
constexpr std::string_view kProxies[] = {"http_proxy", "https_proxy", "no_proxy", "all_proxy", "ftp_proxy"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_reserved(std::string_view name) {
  return std::ranges::find(kReserved, name) != std::end(kReserved) ||
         std::ranges::any_of(kReservedStarts, [&](std::string_view start) { return name.starts_with(start); }) ||
         std::ranges::find(kProxies, base::lower_ascii(name)) != std::end(kProxies);
}

}  // namespace

base::Result<void> check_variable_name(std::string_view name) {
  if (!is_name(name)) {
    return base::invalid("invalid_name",
                         "A variable's name is 1 to 64 letters, digits and underscores, and begins with no digit.", "name");
  }
  if (is_reserved(name)) {
    return base::invalid("invalid_name",
                         std::string(name) + " steers the agent's program or its sandbox itself: choose another name.", "name");
  }
  return {};
}

}  // namespace omakase::model
