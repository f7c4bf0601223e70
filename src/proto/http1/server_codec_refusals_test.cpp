// Every request that must be refused, at every cut of its octets.
#include <gtest/gtest.h>

#include "proto/http1/test_connection.h"

namespace sally::http1 {
namespace {

using namespace std::string_view_literals;
struct Refused {
  std::string_view name, request, id;
  int status;
};

#define POST "POST / HTTP/1.1\r\n" HOST

constexpr Refused kHeads[] = {
    // --- request line
    {"HTTP/0.9", "GET /\r\n\r\n", "http1.bad_request_line", 400},
    {"no version", "GET / \r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"two spaces before target", "GET  / HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"two spaces before version", "GET /  HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"space after version", "GET / HTTP/1.1 \r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"space in target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"tab for space", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"leading space", " GET / HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"method is no token", "G(T / HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"empty method", " / HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"lower-case version", "GET / http/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"version of three digits", "GET / HTTP/1.10\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"NUL in line", "GET /\0 HTTP/1.1\r\n" HOST "\r\n"sv, "http1.bad_request_line", 400},
    {"DEL in line", "GET /\x7f HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"ESC in method", "G\x1bT / HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"TLS on the plain port", "\x16\x03\x01\x02\x00\x01"sv, "http1.bad_request_line", 400},
    {"two empty lines in front", "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "http1.bad_request_line", 400},
    {"bare LF in front", "\nGET / HTTP/1.1\r\n" HOST "\r\n", "http1.bare_lf", 400},
    {"bare CR in front", "\rGET / HTTP/1.1\r\n" HOST "\r\n", "http1.bare_cr", 400},
    {"bare LF ends the line", "GET / HTTP/1.1\n" HOST "\r\n", "http1.bare_lf", 400},
    {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", "http1.bare_lf", 400},
    {"bare CR in the line", "GET /\ra HTTP/1.1\r\n" HOST "\r\n", "http1.bare_cr", 400},
    {"HTTP/2.0", "GET / HTTP/2.0\r\n" HOST "\r\n", "http1.version_not_supported", 505},
    {"HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", "http1.version_not_supported", 505},
    {"HTTP/0.9 by name", "GET / HTTP/0.9\r\n" HOST "\r\n", "http1.version_not_supported", 505},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http1.http2_preface", 505},
    // --- target
    {"fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"not ASCII", "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"not ASCII in query", "GET /?\xff HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"escape cut short", "GET /%4 HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"escape without digits", "GET /%zz HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"relative", "GET a HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"asterisk with GET", "GET * HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"unknown scheme", "GET ftp://a/ HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"absolute without host", "GET http:///x HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"user information", "GET http://u:p@a/ HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"absolute with bad path", "GET http://a/%x HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"absolute with bad query", "GET http://a?\xff HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"https on a plain connection", "GET https://a/ HTTP/1.1\r\n" HOST "\r\n", "http1.wrong_scheme", 421},
    {"CONNECT by path", "CONNECT / HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    {"CONNECT without port", "CONNECT a HTTP/1.1\r\n" HOST "\r\n", "http1.bad_target", 400},
    // --- host
    {"no Host", "GET / HTTP/1.1\r\n\r\n", "http1.missing_host", 400},
    {"Host twice", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", "http1.duplicate_host", 400},
    {"Host twice in 1.0", "GET / HTTP/1.0\r\n" HOST "hOsT: b\r\n\r\n", "http1.duplicate_host", 400},
    {"empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "http1.bad_host", 400},
    {"list in Host", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "http1.bad_host", 400},
    {"path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "http1.bad_host", 400},
    {"user in Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "http1.bad_host", 400},
    {"port too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "http1.bad_host", 400},
    {"bad Host beside absolute form", "GET http://a/ HTTP/1.1\r\nHost: b@c\r\n\r\n", "http1.bad_host", 400},
    // --- field lines
    {"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "http1.space_before_colon", 400},
    {"tab before colon", POST "Content-Length\t: 3\r\n\r\nabc", "http1.space_before_colon", 400},
    {"folded", "GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n", "http1.folded_line", 400},
    {"folded by tab", "GET / HTTP/1.1\r\n" HOST "A: b\r\n\tc\r\n\r\n", "http1.folded_line", 400},
    {"space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "http1.folded_line", 400},
    {"empty name", "GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", "http1.bad_field_name", 400},
    {"no colon", "GET / HTTP/1.1\r\n" HOST "abc\r\n\r\n", "http1.bad_field_name", 400},
    {"words without colon", "GET / HTTP/1.1\r\n" HOST "a b\r\n\r\n", "http1.bad_field_name", 400},
    {"name is no token", "GET / HTTP/1.1\r\n" HOST "A(b: c\r\n\r\n", "http1.bad_field_name", 400},
    {"NUL in name", "GET / HTTP/1.1\r\n" HOST "A\0b: c\r\n\r\n"sv, "http1.bad_field_name", 400},
    {"not ASCII in name", "GET / HTTP/1.1\r\n" HOST "\xc3\xa4: c\r\n\r\n", "http1.bad_field_name", 400},
    {"NUL in value", "GET / HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n"sv, "http1.bad_field_value", 400},
    {"vertical tab in value", "GET / HTTP/1.1\r\n" HOST "A: \x0b\r\n\r\n", "http1.bad_field_value", 400},
    {"DEL in value", "GET / HTTP/1.1\r\n" HOST "A: \x7f\r\n\r\n", "http1.bad_field_value", 400},
    {"bare CR in value", "GET / HTTP/1.1\r\n" HOST "A: b\rc\r\n\r\n", "http1.bare_cr", 400},
    {"CR CR LF", "GET / HTTP/1.1\r\n" HOST "A: b\r\r\n\r\n", "http1.bare_cr", 400},
    {"CR CR LF for the empty line", "GET / HTTP/1.1\r\n" HOST "\r\r\n\r\n", "http1.bare_cr", 400},
    {"bare LF ends a field", "GET / HTTP/1.1\r\n" HOST "A: b\n\r\n", "http1.bare_lf", 400},
    {"bare LF ends the head", "GET / HTTP/1.1\r\n" HOST "\n", "http1.bare_lf", 400},
    // --- length and coding
    {"length twice", POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
     "http1.duplicate_content_length", 400},
    {"lengths differ", POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
     "http1.duplicate_content_length", 400},
    {"list of lengths", POST "Content-Length: 3, 3\r\n\r\nabc", "http1.bad_content_length", 400},
    {"plus", POST "Content-Length: +3\r\n\r\nabc", "http1.bad_content_length", 400},
    {"minus", POST "Content-Length: -3\r\n\r\nabc", "http1.bad_content_length", 400},
    {"hexadecimal length", POST "Content-Length: 0x3\r\n\r\nabc", "http1.bad_content_length", 400},
    {"empty length", POST "Content-Length:\r\n\r\nabc", "http1.bad_content_length", 400},
    {"length with a dot", POST "Content-Length: 3.0\r\n\r\nabc", "http1.bad_content_length", 400},
    {"length with a space", POST "Content-Length: 3 3\r\n\r\nabc", "http1.bad_content_length", 400},
    {"length past 64 bits", POST "Content-Length: 18446744073709551619\r\n\r\nabc",
     "http1.bad_content_length", 400},
    {"length past 63 bits", POST "Content-Length: 9223372036854775808\r\n\r\nabc", "http1.bad_content_length",
     400},
    {"length and coding", POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "http1.length_and_coding", 400},
    {"coding and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
     "http1.length_and_coding", 400},
    {"coding in 1.0", "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     "http1.coding_in_http1_0", 400},
    {"coding twice", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     "http1.bad_transfer_encoding", 400},
    {"coding and identity", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
     "http1.bad_transfer_encoding", 400},
    {"chunked, chunked", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", "http1.bad_transfer_encoding",
     400},
    {"chunked, identity", POST "Transfer-Encoding: chunked, identity\r\n\r\n", "http1.bad_transfer_encoding",
     400},
    {"identity", POST "Transfer-Encoding: identity\r\n\r\n", "http1.bad_transfer_encoding", 400},
    {"xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n", "http1.bad_transfer_encoding", 400},
    {"quoted chunked", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", "http1.bad_transfer_encoding", 400},
    {"chunked with a parameter", POST "Transfer-Encoding: chunked;q=1\r\n\r\n", "http1.bad_transfer_encoding",
     400},
    {"comma before chunked", POST "Transfer-Encoding: ,chunked\r\n\r\n", "http1.unknown_transfer_coding",
     501},
    {"chunked with VT",
     POST "Transfer-Encoding: \x0b"
          "chunked\r\n\r\n",
     "http1.bad_field_value", 400},
    {"empty coding", POST "Transfer-Encoding:\r\n\r\n", "http1.bad_transfer_encoding", 400},
    {"gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", "http1.unknown_transfer_coding", 501},
    {"chunked, gzip, chunked", POST "Transfer-Encoding: chunked, gzip, chunked\r\n\r\n",
     "http1.bad_transfer_encoding", 400},
    {"CONNECT with length", "CONNECT a:1 HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n",
     "http1.connect_with_content", 400},
    {"other expectation", POST "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n", "http1.unknown_expectation",
     417},
};

constexpr Refused kBodies[] = {
    {"no size", "\r\nabc", "http1.bad_chunk_size", 400},
    {"signed size", "+3\r\nabc\r\n", "http1.bad_chunk_size", 400},
    {"negative size", "-3\r\nabc\r\n", "http1.bad_chunk_size", 400},
    {"0x", "0x3\r\nabc\r\n", "http1.bad_chunk_size", 400},
    {"leading space", " 3\r\nabc\r\n", "http1.bad_chunk_size", 400},
    {"17 digits", "00000000000000003\r\nabc\r\n", "http1.bad_chunk_size", 400},
    {"letters", "xyz\r\nabc\r\n", "http1.bad_chunk_size", 400},
    {"space before the line's end", "3 \r\nabc\r\n", "http1.bad_chunk_extension", 400},
    {"bare LF after size", "3\nabc\r\n", "http1.bare_lf", 400},
    {"bare CR after size", "3\rabc\r\n", "http1.bare_cr", 400},
    {"bare LF in extension", "3;a\nabc\r\n", "http1.bare_lf", 400},
    {"bare LF in quoted value", "3;a=\"\n\"\r\nabc\r\n", "http1.bare_lf", 400},
    {"CR in quoted value", "3;a=\"\r\"\r\nabc\r\n", "http1.bad_chunk_extension", 400},
    {"NUL in extension", "3;a\0\r\nabc\r\n"sv, "http1.bad_chunk_extension", 400},
    {"empty extension", "3;\r\nabc\r\n", "http1.bad_chunk_extension", 400},
    {"extension without value", "3;a=\r\nabc\r\n", "http1.bad_chunk_extension", 400},
    {"space after extension", "3;a \r\nabc\r\n", "http1.bad_chunk_extension", 400},
    {"text after quoted value", "3;a=\"b\"c\r\nabc\r\n", "http1.bad_chunk_extension", 400},
    {"chunk too long", "3\r\nabcd\r\n", "http1.bad_chunk_end", 400},
    {"bare LF after chunk", "3\r\nabc\n0\r\n\r\n", "http1.bare_lf", 400},
    {"bare CR after chunk", "3\r\nabc\r0\r\n\r\n", "http1.bare_cr", 400},
    {"bare LF after last size", "0\n\r\n", "http1.bare_lf", 400},
    {"bare LF ends the body", "0\r\n\n", "http1.bare_lf", 400},
    {"bare CR ends the body", "0\r\n\rx", "http1.bare_cr", 400},
    {"bare LF in trailers", "0\r\na: b\n\r\n", "http1.bare_lf", 400},
    {"bare LF ends trailers", "0\r\na: b\r\n\n", "http1.bare_lf", 400},
    {"folded trailer", "0\r\na: b\r\n c\r\n\r\n", "http1.folded_line", 400},
    {"space before colon in trailer", "0\r\na : b\r\n\r\n", "http1.space_before_colon", 400},
    {"NUL in trailer", "0\r\na: \0\r\n\r\n"sv, "http1.bad_field_value", 400},
    {"length as trailer", "0\r\nContent-Length: 3\r\n\r\n", "http1.forbidden_trailer", 400},
    {"coding as trailer", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "http1.forbidden_trailer", 400},
    {"host as trailer", "0\r\nHost: b\r\n\r\n", "http1.forbidden_trailer", 400},
};

void expect_refused(const Refused& c, std::string_view request, std::size_t handlers) {
  const std::string status_line = "HTTP/1.1 " + std::to_string(c.status) + " ";
  for (std::size_t cut = 1; cut <= request.size(); ++cut) {
    std::size_t called = 0;
    TestConnection connection([&](http::Exchange& x) { ++called, echo(x); });
    connection.feed(request, cut);
    EXPECT_EQ(connection.error, c.id) << c.name << ", cut " << cut;
    // The error ends the connection; what was written before it must still go out.
    connection.error.clear();
    connection.turn();
    EXPECT_TRUE(connection.out.starts_with(status_line)) << c.name << ": " << connection.out;
    EXPECT_NE(connection.out.find("\r\nconnection: close\r\n"), std::string::npos) << c.name;
    EXPECT_EQ(connection.out.find("\nHTTP/1.1 "), std::string::npos) << c.name << " was answered twice";
    EXPECT_EQ(called, handlers) << c.name << ", cut " << cut;
    ASSERT_EQ(connection.log.size(), 1u) << c.name;
    EXPECT_EQ(connection.log[0].failure, c.id) << c.name;
    EXPECT_EQ(connection.log[0].status, c.status) << c.name;
    EXPECT_TRUE(connection.codec().finished()) << c.name;
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Http1Refusals, HeadsAtEveryCut) {
  for (const Refused& c : kHeads) expect_refused(c, c.request, 0);
}

TEST(Http1Refusals, ChunkedBodiesAtEveryCut) {
  const std::string head = POST "Transfer-Encoding: chunked\r\n\r\n";
  for (const Refused& c : kBodies) expect_refused(c, head + std::string(c.request), 1);
}

TEST(Http1Refusals, WhatFollowsIsNeverARequest) {
  const std::string request = POST
      "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "GET /smuggled HTTP/1.1\r\n" HOST "\r\n";
  for (std::size_t cut = 1; cut <= request.size(); ++cut) {
    std::size_t called = 0;
    TestConnection connection([&](http::Exchange&) { ++called; });
    connection.feed(request, cut);
    EXPECT_EQ(called, 0u) << cut;
    EXPECT_EQ(connection.log.size(), 1u) << cut;
  }
}

http::HttpLimits small_limits() {
  http::HttpLimits limits;
  limits.request_line_bytes = 64;
  limits.header_bytes = 128;
  limits.header_count = 3;
  limits.chunk_line_bytes = 16;
  limits.trailer_bytes = 32;
  limits.trailer_count = 1;
  return limits;
}

struct Sized {
  std::string_view name;
  std::string request;
  std::string_view id;
  int status;
  std::size_t handlers;
};

std::vector<Sized> sized_cases() {
  const std::string chunked = POST "Transfer-Encoding: chunked\r\n\r\n";
  std::string extensions;
  for (int i = 0; i < 40; ++i) extensions += "1;a=bcdefgh\r\nx\r\n";
  return {
      {"line of 65", "GET /" + std::string(49, 'a') + " HTTP/1.1\r\n" HOST "\r\n",
       "http1.request_line_too_long", 414, 0},
      {"line without end", "GET /" + std::string(200, 'a'), "http1.request_line_too_long", 414, 0},
      {"head of 129", "GET / HTTP/1.1\r\n" HOST "a: " + std::string(97, 'b') + "\r\n\r\n",
       "http1.head_too_large", 431, 0},
      {"head without end", "GET / HTTP/1.1\r\n" HOST + std::string(200, 'b'), "http1.head_too_large", 431, 0},
      {"four fields", "GET / HTTP/1.1\r\n" HOST "a:\r\nb:\r\nc:\r\n\r\n", "http1.too_many_fields", 431, 0},
      {"chunk line of 18", chunked + "1;a=bcdefghijklm\r\nx\r\n", "http1.chunk_line_too_long", 400, 1},
      {"extensions in all", chunked + extensions, "http1.chunk_line_too_long", 400, 1},
      {"trailers of 33", chunked + "0\r\na: " + std::string(26, 'b') + "\r\n\r\n", "http1.trailers_too_large",
       431, 1},
      {"two trailers", chunked + "0\r\na: b\r\nc: d\r\n\r\n", "http1.too_many_fields", 431, 1},
  };
}

TEST(Http1Refusals, LimitsAtEveryCut) {
  for (const Sized& c : sized_cases()) {
    for (std::size_t cut = 1; cut <= c.request.size(); ++cut) {
      std::size_t called = 0;
      TestConnection connection([&](http::Exchange& x) { ++called, echo(x); }, small_limits());
      connection.feed(c.request, cut);
      ASSERT_EQ(connection.error, c.id) << c.name << ", cut " << cut;
      ASSERT_EQ(connection.log.size(), 1u) << c.name;
      EXPECT_EQ(connection.log[0].status, c.status) << c.name;
      EXPECT_EQ(called, c.handlers) << c.name;
    }
  }
}

TEST(Http1Refusals, WhatIsJustWithinTheLimitsIsServed) {
  const std::string chunked = POST "Transfer-Encoding: chunked\r\n\r\n";
  const std::string requests[] = {
      "GET /" + std::string(48, 'a') + " HTTP/1.1\r\n" HOST "\r\n",
      "GET / HTTP/1.1\r\n" HOST "a: " + std::string(96, 'b') + "\r\n\r\n",
      "GET / HTTP/1.1\r\n" HOST "a:\r\nb:\r\n\r\n",
      chunked + "1;a=bcdefghijk\r\nx\r\n0\r\n\r\n",
      chunked + "0\r\na: " + std::string(25, 'b') + "\r\n\r\n",
  };
  for (const std::string& request : requests)
    for (std::size_t cut = 1; cut <= request.size(); ++cut) {
      TestConnection connection(echo, small_limits());
      connection.feed(request, cut);
      EXPECT_EQ(connection.error, "") << request;
      ASSERT_EQ(connection.log.size(), 1u) << request << ", cut " << cut;
      EXPECT_EQ(connection.log[0].status, 200) << request;
    }
}

}  // namespace
}  // namespace sally::http1
