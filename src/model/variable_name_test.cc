#include "model/variable_name.h"

#include <gtest/gtest.h>

#include <string>

namespace omakase::model {
namespace {

bool taken(std::string_view name) {
  const auto checked = check_variable_name(name);
  if (!checked) EXPECT_EQ(checked.error().code, "invalid_name");
  return checked.has_value();
}

TEST(VariableName, IsWhatAShellTakesForOne) {
  for (const char* name : {"A", "_", "DATABASE_URL", "npm_config_registry", "V2", "NODE_ENV", "AWS_REGION", "GIT_AUTHOR_NAME",
                           "PYTHONPATH", "HOMEPAGE", "PATH_TO_DATA", "LDAP_URL", "DEBUG"}) {
    EXPECT_TRUE(taken(name)) << name;
  }
  EXPECT_TRUE(taken(std::string(64, 'A')));
  EXPECT_FALSE(taken(std::string(65, 'A')));
  for (const char* name : {"", "2A", "A-B", "A B", "A=B", "A.B", "\xc3\x84", "A\n", "BASH_FUNC_ls%%"})
    EXPECT_FALSE(taken(name)) << name;
  EXPECT_FALSE(taken(std::string_view("A\0B", 3)));
}

TEST(VariableName, IsNoneThatSteersTheAgentsProgramOrItsSandbox) {
  for (const char* name : {"PATH",
                           "HOME",
                           "SHELL",
                           "TMPDIR",
                           "LD_PRELOAD",
                           "LD_LIBRARY_PATH",
                           "BASH_ENV",
                           "ENV",
                           "NODE_OPTIONS",
                           "BUN_OPTIONS",
                           "ANTHROPIC_BASE_URL",
                           "ANTHROPIC_API_KEY",
                           "CLAUDE_CODE_USE_BEDROCK",
                           "CLAUDECODE",
                           "CLAUDE_CONFIG_DIR",
                           "OMAKASE_RUN_ID",
                           "IS_SANDBOX",
                           "HTTP_PROXY",
                           "https_proxy",
                           "No_Proxy",
                           "ALL_PROXY",
                           "NODE_EXTRA_CA_CERTS",
                           "SSL_CERT_FILE",
                           "GIT_SSH_COMMAND",
                           "GIT_CONFIG_COUNT",
                           "DISABLE_AUTOUPDATER",
                           "GLIBC_TUNABLES",
                           "XDG_CONFIG_HOME"}) {
    EXPECT_FALSE(taken(name)) << name;
  }
}

}  // namespace
}  // namespace omakase::model
