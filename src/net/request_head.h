// The head of a request, read strictly by RFC 9112: what two programs on its way could understand differently is refused, never
// mended (docs/adr/0017-strict-http.md). Pure; any thread. Bytes come from strangers. What holds of a head that is accepted:
// lines end by CRLF and none is folded; names are tokens; values have no control character but the tab; the target begins with
// '/' (or is
// "*"), is printable ASCII without '#', and every '%' in it begins an escape; HTTP/1.1 has one Host; the body's length is told
// once, by one Content-Length of digits or by "Transfer-Encoding: chunked", never both; fields that mean something once are there
// once.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace omakase::net {

inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;
inline constexpr std::size_t kMaxFields = 100;

// Why a request is not read any further. The connection closes after the answer: where the next request begins is not known.
struct Refusal {
  base::Error error;
  int status = 400;  // where HTTP has a word that no kind of error has
};
Response refusal_response(const Refusal& refusal);

struct RequestHead {
  Request request;  // without its body, its remote address and its id
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expects_continue = false;
  bool chunked = false;
  std::uint64_t content_length = 0;  // the largest number where the sender's is larger still
};

// Reads one head that comes in pieces; every line is looked at once.
class HeadReader {
 public:
  // `bytes` is all that came since the head began, more with every call. The head's length once it is whole, nullopt before.
  std::expected<std::optional<std::size_t>, Refusal> read(std::string_view bytes);

  // After read() told its length.
  RequestHead& head() { return head_; }

 private:
  using Checked = std::expected<void, Refusal>;
  Checked request_line(std::string_view line);
  Checked target(std::string_view text);
  Checked field(std::string_view line);
  Checked known_field(std::string_view name, std::string_view value);
  Checked finish();

  RequestHead head_;
  std::size_t line_begin_ = 0;
  std::size_t searched_ = 0;  // no line feed before this
  bool has_request_line_ = false;
  bool skipped_empty_line_ = false;
  bool has_host_ = false;
  bool has_length_ = false;
  std::uint32_t seen_ = 0;  // of the fields that may come once: a bit each
  std::string authority_;   // of a target in absolute form
};

// One field's line, also of a chunked body's trailer: its name and its value without the blanks around it.
struct Field {
  std::string_view name;
  std::string_view value;
};
std::expected<Field, Refusal> read_field(std::string_view line);

// Whether a field decides what the request is, where it ends or who sends it: it belongs in the head.
bool decides(std::string_view name);

}  // namespace omakase::net
