#include "proto/http1/head_parser.h"

#include <gtest/gtest.h>

namespace sally::http1 {
namespace {

TEST(Http1HeadScan, FindsTheEndAtEveryLengthAndCut) {
  for (std::size_t padding = 0; padding < 40; ++padding) {
    const std::string head = "GET / HTTP/1.1\r\nA: " + std::string(padding, 'x') + "\r\n\r\n";
    const std::string all = head + "next\r\n\r\n";
    for (std::size_t cut = 1; cut < 20; ++cut) {
      HeadScan scan;
      std::size_t end = 0, came = 0;
      while (end == 0 && came < all.size()) {
        came = std::min(came + cut, all.size());
        // A copy of exactly what came: AddressSanitizer sees a look beyond it.
        const std::vector<char> text(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(came));
        end = scan.end_of({text.data(), text.size()});
        EXPECT_EQ(end != 0, came >= head.size()) << came;
      }
      EXPECT_EQ(end, head.size());
      EXPECT_EQ(scan.first_line(), 16u);
    }
  }
}

TEST(Http1HeadScan, TakesAnEmptyLineWithoutCrForAnEnd) {
  for (const std::string_view text : {"a\n\nb", "a\r\n\nb", "a\n\r\nb", "\n\nb"}) {
    HeadScan scan;
    EXPECT_EQ(scan.end_of(text), text.size() - 1) << text;
  }
  HeadScan scan;
  EXPECT_EQ(scan.end_of("a\r\n\rb\r\nc\r\rd"), 0u);
}

struct Parsed {
  std::string text;
  http::Request request;
  Result<HeadFacts> facts = HeadFacts{};
};

void parse(Parsed& p, std::string_view head, std::uint64_t offset = 0, bool secure = false) {
  p.text = head;
  p.facts = parse_head(p.text, offset, http::HttpLimits{}, secure, p.request);
}

TEST(Http1Head, IsParsedInPlace) {
  Parsed p;
  parse(p,
        "POST /a%20b?c=d HTTP/1.1\r\nHOST:\t Example.Com:8443 \r\nX-Empty:\r\nX-High: "
        "\xff\t.\r\ncontent-LENGTH: 007\r\n"
        "Connection: Close, keep-alive\r\nEXPECT: 100-CONTINUE\r\n\r\n");
  ASSERT_TRUE(p.facts);
  EXPECT_TRUE(p.facts->close);
  EXPECT_TRUE(p.facts->keep_alive);
  EXPECT_FALSE(p.facts->chunked);
  const http::Request& r = p.request;
  EXPECT_EQ(r.method, http::Method::post);
  EXPECT_EQ(r.path, "/a%20b");
  EXPECT_EQ(r.query, "c=d");
  EXPECT_EQ(r.authority, "Example.Com:8443");
  EXPECT_EQ(r.host, "example.com");
  EXPECT_EQ(r.content_length, 7u);
  EXPECT_TRUE(r.has_body);
  EXPECT_TRUE(r.expects_continue);
  EXPECT_EQ(r.fields.size(), 6u);
  EXPECT_EQ(r.fields.first("x-empty"), "");
  EXPECT_EQ(r.fields.first("x-high"), "\xff\t.");
  for (const http::Field& f : r.fields) {
    EXPECT_GE(f.name.data(), p.text.data());
    EXPECT_LE(f.value.data() + f.value.size(), p.text.data() + p.text.size());
  }
}

TEST(Http1Head, TheConnectionsSchemeHolds) {
  Parsed secure, plain, wrong;
  parse(secure, "GET https://a/ HTTP/1.1\r\nHost: b\r\n\r\n", 0, true);
  ASSERT_TRUE(secure.facts);
  EXPECT_EQ(secure.request.scheme, "https");
  EXPECT_EQ(secure.request.host, "a");
  parse(plain, "GET / HTTP/1.1\r\nHost: b\r\n\r\n", 0, true);
  ASSERT_TRUE(plain.facts);
  EXPECT_EQ(plain.request.scheme, "https");
  parse(wrong, "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", 0, true);
  EXPECT_EQ(wrong.facts.error().kind().id, kWrongScheme.id);
}

TEST(Http1Head, OldVersionsNeedNoHost) {
  Parsed p;
  parse(p, "GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(p.facts);
  EXPECT_EQ(p.request.version, http::Version::http1_0);
  EXPECT_EQ(p.request.authority, "");
  EXPECT_EQ(p.request.host, "");
}

TEST(Http1Head, ErrorsKnowTheirPlace) {
  struct Case {
    std::string_view head, id;
    std::uint64_t offset;
    std::string_view field;
  };
  constexpr Case kCases[] = {
      {"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", kBadRequestLine.id, 1001, "request-line"},
      {"GET /# HTTP/1.1\r\nHost: a\r\n\r\n", kBadTarget.id, 1004, "request-target"},
      {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", kBadVersion.id, 1006, "version"},
      {"GET / HTTP/1.1\r\nHost: a\r\nA: b\x01\r\n\r\n", kBadFieldValue.id, 1029, "field-value"},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", kSpaceBeforeColon.id, 1020, "field-name"},
      {"GET / HTTP/1.1\r\n\r\n", kMissingHost.id, 1000, "host"},
  };
  for (const Case& c : kCases) {
    Parsed p;
    parse(p, c.head, 1000);
    ASSERT_FALSE(p.facts) << c.head;
    EXPECT_EQ(p.facts.error().kind().id, c.id);
    EXPECT_EQ(p.facts.error().pos().offset, c.offset) << c.head;
    EXPECT_EQ(p.facts.error().pos().field, c.field) << c.head;
  }
}

TEST(Http1Head, NoErrorRepeatsWhatTheClientSent) {
  Parsed p;
  parse(p, "GET / HTTP/1.1\r\nHost: a\r\nCookie: secret\x01\r\n\r\n");
  EXPECT_EQ(p.facts.error().text().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace sally::http1
