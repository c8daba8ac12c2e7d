#include <gtest/gtest.h>

#include "net/request_body.h"
#include "net/request_head.h"

namespace omakase::net {
namespace {

using namespace std::string_literals;

// A head that comes in pieces of `step` bytes; its length is checked.
std::expected<RequestHead, Refusal> read_head(std::string_view bytes, std::size_t step) {
  HeadReader reader;
  for (std::size_t seen = 0; seen < bytes.size();) {
    seen = std::min(seen + step, bytes.size());
    const auto length = reader.read(bytes.substr(0, seen));
    if (!length) return std::unexpected(length.error());
    if (!*length) continue;
    EXPECT_TRUE(bytes.substr(0, **length).ends_with("\r\n\r\n"));
    return std::move(reader.head());
  }
  return std::unexpected(Refusal{.error = {}, .status = 0});
}

struct Body {
  std::string text;
  std::string rest;
};

// A body of a head's kind, in pieces of `step` bytes.
std::expected<Body, Refusal> read_body(const RequestHead& head, std::string_view bytes, std::size_t step,
                                       std::size_t max_bytes = 1000) {
  BodyReader reader(head, max_bytes);
  Body body;
  std::string waiting;
  for (std::size_t seen = 0; !reader.done() && seen < bytes.size(); seen += step) {
    waiting += bytes.substr(seen, step);
    const auto used = reader.read(waiting, body.text);
    if (!used) return std::unexpected(used.error());
    waiting.erase(0, *used);
  }
  if (!reader.done()) return std::unexpected(Refusal{.error = {}, .status = 0});
  body.rest = waiting;
  return body;
}

const RequestHead kChunked{.chunked = true};

TEST(RequestHead, IsTheSameInWhateverPiecesItComes) {
  const std::string bytes =
      "POST /api/x%20y?a=1&b=%2F HTTP/1.1\r\nHost: here:7777\r\nX-Text: \t caf\xc3\xa9 \t\r\nContent-Length: 5\r\n"
      "Expect: 100-Continue\r\nConnection: x, close\r\n\r\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const auto head = read_head(bytes, step);
    ASSERT_TRUE(head) << head.error().error.detail;
    EXPECT_EQ(head->request.method, Method::kPost);
    EXPECT_EQ(head->request.target, "/api/x%20y?a=1&b=%2F");
    EXPECT_EQ(head->request.path, "/api/x%20y");
    EXPECT_EQ(head->request.parameter("b"), "/");
    EXPECT_EQ(head->request.header("x-text"), "caf\xc3\xa9");
    EXPECT_EQ(head->content_length, 5u);
    EXPECT_TRUE(head->expects_continue);
    EXPECT_FALSE(head->keep_alive);
    EXPECT_FALSE(head->chunked);
  }
}

TEST(RequestHead, RefusesAsSoonAsItsLineIsThere) {
  struct Case {
    std::string bytes;
    int status;
  };
  for (const auto& [bytes, status] : std::vector<Case>{
           {"GET /\r\n", 400},
           {"\x16\x03\x01", 400},
           {"\0"s, 400},
           {" GET / HTTP/1.1\r\n", 400},
           {"GET / HTTP/1.1\n", 400},
           {"GET / HTTP/2.0\r\n", 505},
           {"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n", 400},
           {"GET / HTTP/1.1\r\nHost : x\r\n", 400},
           {"GET / HTTP/1.1\r\nExpect: more\r\n", 417},
           {"G" + std::string(16 * 1024, 'E'), 431},
       }) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
      const auto head = read_head(bytes, step);
      ASSERT_FALSE(head) << bytes;
      EXPECT_EQ(head.error().status, status) << bytes << ": " << head.error().error.detail;
    }
  }
}

TEST(RequestHead, TakesOneTellingOfTheBodysLengthOnly) {
  for (const char* fields :
       {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1,1\r\n", "Content-Length: +1\r\n",
        "Content-Length: -1\r\n", "Content-Length: 1 1\r\n", "Content-Length: 0x1\r\n", "Content-Length:\r\n",
        "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: chunked;q=1\r\n",
        "Transfer-Encoding:\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    const auto head = read_head("POST / HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n", 1000);
    ASSERT_FALSE(head) << fields;
    EXPECT_EQ(head.error().status, 400) << fields;
  }
  EXPECT_EQ(read_head("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 00018446744073709551615\r\n\r\n", 1000)->content_length,
            18446744073709551615U);
  EXPECT_EQ(read_head("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551617\r\n\r\n", 1000)->content_length,
            18446744073709551615U)
      << "never less than was said";
}

TEST(RequestHead, AnAbsoluteAddressIsItsPathAndItsHost) {
  const auto host_and_target = [](const std::string& address, const std::string& host) {
    const auto head = read_head("GET " + address + " HTTP/1.1\r\n" + host + "\r\n", 1000);
    return head ? std::string(head->request.header("Host")) + " " + head->request.target : head.error().error.code;
  };
  EXPECT_EQ(host_and_target("http://one:80/a?b", "Host: two\r\n"), "one:80 /a?b");
  EXPECT_EQ(host_and_target("HTTPS://one?b=//c", "Host: two\r\n"), "one /?b=//c");
  EXPECT_EQ(host_and_target("http://one", "Host: two\r\n"), "one /");
  EXPECT_EQ(host_and_target("//one/a", "Host: two\r\n"), "two //one/a") << "a path, however it looks";
  for (const char* bad : {"http:///a", "http://a@b/", "ftp://one/", "one:80", "http://on%", "http:/one"}) {
    EXPECT_EQ(host_and_target(bad, "Host: two\r\n"), "malformed_http") << bad;
  }
}

TEST(RequestBody, EndsWhereItsHeadOrItsLastChunkSays) {
  const std::string chunks = "5;a=\"b\"\r\nhello\r\n00A\r\n, you all!\r\n0\r\nX-Sum: 1\r\n\r\nGET";
  for (std::size_t step = 1; step <= chunks.size(); ++step) {
    const auto body = read_body(kChunked, chunks, step);
    ASSERT_TRUE(body) << body.error().error.detail;
    EXPECT_EQ(body->text, "hello, you all!");
    EXPECT_TRUE(std::string_view("GET").starts_with(body->rest));
  }
  EXPECT_EQ(read_body({.content_length = 5}, "helloGET", 8)->rest, "GET");
  EXPECT_TRUE(BodyReader(RequestHead{}, 1000).done());
}

TEST(RequestBody, RefusesChunksThatCouldBeReadDifferently) {
  for (const std::string& bytes : std::vector<std::string>{"z\r\n",
                                                           "\r\n",
                                                           "-1\r\n",
                                                           "+1\r\n",
                                                           "0x1\r\n",
                                                           " 1\r\n",
                                                           "1 \r\n",
                                                           "1\n",
                                                           "1\r\r\n",
                                                           "1;\x01\r\n",
                                                           "1;a\rb\r\n",
                                                           "1 ;a\r\n",
                                                           "00000000000000001\r\n",
                                                           "10000000000000001\r\n",
                                                           "1\r\nab\r\n",
                                                           "1\r\na\n",
                                                           "0\r\nno field\r\n",
                                                           "0\r\nname : v\r\n",
                                                           "0\r\n folded: v\r\n",
                                                           "0\r\ncontent-length: 5\r\n",
                                                           "0\r\n\n",
                                                           "1;" + std::string(300, 'x')}) {
    const auto body = read_body(kChunked, bytes, bytes.size());
    ASSERT_FALSE(body) << bytes;
    EXPECT_EQ(body.error().status, 400) << bytes;
  }
}

TEST(RequestBody, HasItsLimitHoweverItComes) {
  EXPECT_EQ(read_body({.content_length = 1001}, "x", 1).error().status, 413);
  EXPECT_EQ(read_body(kChunked, "3e9\r\n", 5).error().status, 413);
  EXPECT_EQ(read_body(kChunked, "ffffffffffffffff\r\n", 18).error().status, 413);
  EXPECT_EQ(read_body(kChunked, "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\n", 100).error().status, 413);
  EXPECT_EQ(read_body(kChunked, "3e8\r\n" + std::string(1000, 'x') + "\r\n0\r\n\r\n", 100)->text.size(), 1000u);
}

TEST(RequestBody, MayNotConsistOfEverythingElse) {
  std::string single;
  for (int i = 0; i < 1000; ++i) single += "1\r\nx\r\n";
  EXPECT_EQ(read_body(kChunked, single + "0\r\n\r\n", 100)->text.size(), 1000u) << "small chunks are no crime";
  std::string extended;
  for (int i = 0; i < 1000; ++i) extended += "1;" + std::string(100, 'e') + "\r\nx\r\n";
  EXPECT_EQ(read_body(kChunked, extended, 100).error().status, 400);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 101; ++i) trailers += "X: 1\r\n";
  EXPECT_EQ(read_body(kChunked, trailers, 100).error().status, 431);
  EXPECT_EQ(read_body(kChunked, "0\r\nX: " + std::string(20'000, 't'), 100).error().status, 400);
}

}  // namespace
}  // namespace omakase::net
