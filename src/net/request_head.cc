#include "net/request_head.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"

namespace omakase::net {

namespace {

// What may stand where, by byte.
enum : std::uint8_t { kToken = 1, kTarget = 2, kValue = 4, kHost = 8, kHex = 16, kDigit = 32 };

constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  for (int c = 0; c < 256; ++c) {
    const bool visible = c > ' ' && c < 0x7f;
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    std::uint8_t& entry = table[static_cast<std::size_t>(c)];
    if (digit || letter || (visible && std::string_view("!#$%&'*+-.^_`|~").contains(static_cast<char>(c)))) entry |= kToken;
    if (visible && c != '#') entry |= kTarget;
    if (visible || c == ' ' || c == '\t' || c >= 0x80) entry |= kValue;
    if (digit || letter || (visible && std::string_view("-._~!$&'()*+,;=:%[]").contains(static_cast<char>(c)))) entry |= kHost;
    if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) entry |= kHex;
    if (digit) entry |= kDigit;
  }
  return table;
}
constexpr auto kTable = make_table();

bool is(char c, std::uint8_t kind) { return (kTable[static_cast<unsigned char>(c)] & kind) != 0; }
bool all(std::string_view text, std::uint8_t kind) {
  return std::ranges::all_of(text, [kind](char c) { return is(c, kind); });
}

std::unexpected<Refusal> malformed(std::string_view what) {
  return std::unexpected(
      Refusal{base::invalid("malformed_http", "The request is not valid HTTP/1.1: " + std::string(what) + ".").error()});
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Method method_of(std::string_view name) {
  for (Method method :
       {Method::kGet, Method::kPost, Method::kHead, Method::kPut, Method::kPatch, Method::kDelete, Method::kOptions}) {
    if (name == text(method)) return method;
  }
  return Method::kOther;
}

bool escapes_are_whole(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3)) {
    if (at + 2 >= text.size() || !is(text[at + 1], kHex) || !is(text[at + 2], kHex)) return false;
  }
  return true;
}

bool is_host(std::string_view text) { return !text.empty() && all(text, kHost); }

// Fields that this server acts on and whose second value another program might act on instead.
constexpr std::string_view kOnce[] = {"Host",         "Content-Length", "Transfer-Encoding", "Authorization",
                                      "Content-Type", "Origin",         "Last-Event-ID",     "Expect"};

// Digits only. A number too large for its type is too large for everything.
std::optional<std::uint64_t> read_length(std::string_view digits) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  if (digits.empty() || !all(digits, kDigit)) return std::nullopt;
  std::uint64_t length = 0;
  for (char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    length = length > (kMost - digit) / 10 ? kMost : length * 10 + digit;
  }
  return length;
}

std::string_view why_no_http(std::string_view bytes) {
  return bytes.front() == '\x16' ? "it begins as TLS does. This port speaks plain HTTP: use http://, or the address of the proxy"
                                 : "it does not begin with a method";
}

}  // namespace

Response refusal_response(const Refusal& refusal) {
  if (refusal.status == status_of(refusal.error.kind)) return problem(refusal.error);
  const std::string_view title = refusal.status == 417   ? "Expectation failed"
                                 : refusal.status == 431 ? "Header fields too large"
                                                         : "HTTP version not supported";
  Response response = problem(refusal.error, {{"title", title}, {"status", refusal.status}});
  response.status = refusal.status;
  return response;
}

std::expected<Field, Refusal> read_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return malformed("a header line is folded");
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() || !all(name, kToken))
    return malformed("a header's name has a character that no name has");
  const std::string_view value = line.substr(colon + 1);
  if (!all(value, kValue)) return malformed("a header's value has a control character");
  return Field{name, without_blanks(value)};
}

bool decides(std::string_view name) {
  return base::equal_ignoring_case(name, "Connection") ||
         std::ranges::any_of(kOnce, [&](std::string_view known) { return base::equal_ignoring_case(name, known); });
}

std::expected<std::optional<std::size_t>, Refusal> HeadReader::read(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  if (!is(bytes.front(), kToken) && bytes.front() != '\r') return malformed(why_no_http(bytes));
  for (;;) {
    const std::size_t end = bytes.substr(0, kMaxHeadBytes).find('\n', searched_);
    if (end == std::string_view::npos) {
      searched_ = std::min(bytes.size(), kMaxHeadBytes);
      if (bytes.size() < kMaxHeadBytes) return std::nullopt;
      return std::unexpected(
          Refusal{base::invalid("header_too_large", "The request's head is larger than 16 KiB.").error(), 431});
    }
    const std::string_view line = bytes.substr(line_begin_, end - line_begin_);
    if (!line.ends_with('\r')) return malformed("a line does not end by CRLF");
    const std::string_view text = line.substr(0, line.size() - 1);
    line_begin_ = searched_ = end + 1;
    if (!has_request_line_) {
      if (text.empty() && !std::exchange(skipped_empty_line_, true)) continue;
      if (auto good = request_line(text); !good) return std::unexpected(std::move(good).error());
      has_request_line_ = true;
      head_.request.headers.reserve(16);
    } else if (text.empty()) {
      if (auto good = finish(); !good) return std::unexpected(std::move(good).error());
      return line_begin_;
    } else if (auto good = field(text); !good) {
      return std::unexpected(std::move(good).error());
    }
  }
}

HeadReader::Checked HeadReader::request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return malformed("the first line is not a method, an address and a version");
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  if (!all(method, kToken)) return malformed("the method has a character that no method has");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    const bool other = version.size() == 8 && version.starts_with("HTTP/") && is(version[5], kDigit) && version[6] == '.' &&
                       is(version[7], kDigit);
    if (!other) return malformed("the first line does not end with a version of HTTP");
    return std::unexpected(Refusal{base::invalid("http_version", "This server speaks HTTP/1.1.").error(), 505});
  }
  head_.http_1_0 = version == "HTTP/1.0";
  head_.request.method = method_of(method);
  return target(line.substr(first + 1, last - first - 1));
}

HeadReader::Checked HeadReader::target(std::string_view text) {
  if (!all(text, kTarget)) return malformed("the address has a character that no address has");
  if (!escapes_are_whole(text)) return malformed("a % in the address does not begin an escape");
  Request& request = head_.request;
  if (text == "*") {
    if (request.method != Method::kOptions) return malformed("only OPTIONS may ask for *");
  } else if (!text.starts_with('/')) {
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos || !(base::equal_ignoring_case(text.substr(0, scheme), "http") ||
                                              base::equal_ignoring_case(text.substr(0, scheme), "https"))) {
      return malformed("the address does not begin with /");
    }
    text.remove_prefix(scheme + 3);
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    authority_ = text.substr(0, end);
    if (!is_host(authority_)) return malformed("the address names no host");
    text.remove_prefix(end);
    if (!text.starts_with('/')) request.target = "/";
  }
  request.target += text;
  const std::string_view whole = request.target;
  const std::size_t question = whole.find('?');
  request.path = whole.substr(0, question);
  if (question != std::string_view::npos) request.query = whole.substr(question + 1);
  return {};
}

HeadReader::Checked HeadReader::field(std::string_view line) {
  if (head_.request.headers.size() == kMaxFields) {
    return std::unexpected(
        Refusal{base::invalid("too_many_headers", "The request has more than 100 header fields.").error(), 431});
  }
  const auto read = read_field(line);
  if (!read) return std::unexpected(read.error());
  for (std::size_t at = 0; at < std::size(kOnce); ++at) {
    if (!base::equal_ignoring_case(read->name, kOnce[at])) continue;
    if (seen_ & (1U << at)) return malformed("it has " + std::string(kOnce[at]) + " twice");
    seen_ |= 1U << at;
  }
  head_.request.headers.emplace_back(read->name, read->value);
  return known_field(read->name, read->value);
}

HeadReader::Checked HeadReader::known_field(std::string_view name, std::string_view value) {
  using base::equal_ignoring_case;
  if (equal_ignoring_case(name, "Host")) {
    if (!is_host(value)) return malformed("Host names no host");
    has_host_ = true;
  } else if (equal_ignoring_case(name, "Content-Length")) {
    const auto length = read_length(value);
    if (!length) return malformed("Content-Length is no number");
    head_.content_length = *length;
    has_length_ = true;
  } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
    if (!equal_ignoring_case(value, "chunked")) return malformed("Transfer-Encoding is not \"chunked\"");
    head_.chunked = true;
  } else if (equal_ignoring_case(name, "Connection")) {
    for (std::string_view option : base::split(value, ',')) {
      if (equal_ignoring_case(base::trim(option), "close")) head_.keep_alive = false;
    }
  } else if (equal_ignoring_case(name, "Expect")) {
    if (!equal_ignoring_case(value, "100-continue")) {
      return std::unexpected(
          Refusal{base::invalid("expectation_failed", "This server knows no expectation but 100-continue.").error(), 417});
    }
    head_.expects_continue = true;
  }
  return {};
}

HeadReader::Checked HeadReader::finish() {
  if (head_.chunked && has_length_) return malformed("it has both Content-Length and Transfer-Encoding");
  if (head_.chunked && head_.http_1_0) return malformed("HTTP/1.0 knows no Transfer-Encoding");
  if (!has_host_ && !head_.http_1_0) return malformed("it has no Host");
  if (head_.http_1_0) head_.keep_alive = head_.expects_continue = false;
  if (!authority_.empty()) {
    auto& headers = head_.request.headers;
    const auto host =
        std::ranges::find_if(headers, [](const Header& one) { return base::equal_ignoring_case(one.first, "Host"); });
    if (host != headers.end()) {
      host->second = authority_;
    } else {
      headers.emplace_back("Host", authority_);
    }
  }
  return {};
}

}  // namespace omakase::net
