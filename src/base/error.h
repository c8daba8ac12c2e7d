// What can go wrong, as a value: every fallible function returns Result<T>.
// An Error names its kind (which decides the HTTP status, in one table in net/problem.cc), a stable code for programs, a sentence
// for people, and the input field at fault, if one is. Exceptions are bugs; they are caught in three places
// (connection, run, main) and never cross a folder's interface.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace omakase::base {

enum class ErrorKind {
  kInvalid,               // 400
  kUnauthorized,          // 401
  kForbidden,             // 403
  kNotFound,              // 404
  kMethodNotAllowed,      // 405
  kConflict,              // 409
  kTooLarge,              // 413
  kUnsupportedMediaType,  // 415
  kMisdirected,           // 421
  kTooManyRequests,       // 429
  kUnavailable,           // 503
  kCancelled,             // the caller went away
  kTimedOut,              // 504
  kInternal,              // 500; the detail goes to the log only
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string code;    // stable, snake_case: "run_not_active"
  std::string detail;  // a sentence for people, ends with a full stop
  std::string field;   // JSON name of the input at fault, or empty
};

template <typename T>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

inline Failure fail(ErrorKind kind, std::string code, std::string detail, std::string field = {}) {
  return Failure(Error{kind, std::move(code), std::move(detail), std::move(field)});
}
inline Failure invalid(std::string code, std::string detail, std::string field = {}) {
  return fail(ErrorKind::kInvalid, std::move(code), std::move(detail), std::move(field));
}
inline Failure not_found(std::string code, std::string detail) {
  return fail(ErrorKind::kNotFound, std::move(code), std::move(detail));
}
inline Failure conflict(std::string code, std::string detail) {
  return fail(ErrorKind::kConflict, std::move(code), std::move(detail));
}
inline Failure internal(std::string detail) { return fail(ErrorKind::kInternal, "internal", std::move(detail)); }

}  // namespace omakase::base

#define OMAKASE_CONCAT_INNER(a, b) a##b
#define OMAKASE_CONCAT(a, b) OMAKASE_CONCAT_INNER(a, b)

// OMAKASE_TRY(auto value, expression): takes the value out of a Result or returns its error from this function.
#define OMAKASE_TRY_IMPL(result, decl, expr, leave)              \
  auto result = (expr);                                          \
  if (!result) leave std::unexpected(std::move(result).error()); \
  decl = *std::move(result)
#define OMAKASE_TRY(decl, ...) OMAKASE_TRY_IMPL(OMAKASE_CONCAT(result_, __LINE__), decl, (__VA_ARGS__), return)
#define OMAKASE_CO_TRY(decl, ...) OMAKASE_TRY_IMPL(OMAKASE_CONCAT(result_, __LINE__), decl, (__VA_ARGS__), co_return)

// OMAKASE_CHECK(expression): the same for a Result<void> or one whose value is not needed.
#define OMAKASE_CHECK(...) \
  if (auto checked = (__VA_ARGS__); !checked) return std::unexpected(std::move(checked).error())
#define OMAKASE_CO_CHECK(...) \
  if (auto checked = (__VA_ARGS__); !checked) co_return std::unexpected(std::move(checked).error())
