// Structured log lines on standard error: `2026-01-31T09:05:07.123Z info  message key=value key="two words"`.
// One sink, made by log_to_stderr(); any thread. Values are quoted and control characters escaped, so that no input can forge a
// line. Secrets are never passed here (docs/operations.md).
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace omakase::base {

struct LogField {
  std::string_view key;
  std::string value;

  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(text) {}
  LogField(std::string_view name, std::integral auto number) : key(name), value(std::to_string(number)) {}
};

using LogFields = std::initializer_list<LogField>;

// Sets the level (debug, info, warn, error, off); an unknown word leaves info.
void set_log_level(std::string_view level);

void log_debug(std::string_view message, LogFields fields = {});
void log_info(std::string_view message, LogFields fields = {});
void log_warn(std::string_view message, LogFields fields = {});
void log_error(std::string_view message, LogFields fields = {});

}  // namespace omakase::base
