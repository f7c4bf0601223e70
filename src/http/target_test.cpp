#include "http/target.h"

#include <gtest/gtest.h>

namespace sally::http {
namespace {

TEST(OriginForm, SplitsAtTheFirstQuestionMark) {
  struct Case {
    std::string_view text, path, query;
    bool has_query;
  };
  constexpr Case kCases[] = {
      {"/", "/", "", false},
      {"/a?", "/a", "", true},
      {"/a?b?c", "/a", "b?c", true},
      {"/%41%zz", "", "", false},
      {"/%2F%2e", "/%2F%2e", "", false},
      {"/a?%", "/a", "%", true},
      {"//a//", "//a//", "", false},
      {"/[a]|\"{}^`\\", "/[a]|\"{}^`\\", "", false},
  };
  for (const Case& c : kCases) {
    const auto form = parse_origin_form(c.text);
    EXPECT_EQ(form.has_value(), !c.path.empty()) << c.text;
    if (!form) continue;
    EXPECT_EQ(form->path, c.path);
    EXPECT_EQ(form->query, c.query);
    EXPECT_EQ(form->has_query, c.has_query);
  }
}

TEST(OriginForm, RefusesWhatMayNotStandInAnAddress) {
  for (int c = 0; c < 256; ++c) {
    const bool fits = c > 0x20 && c < 0x7f && c != '#';
    const std::string octet(1, static_cast<char>(c));
    EXPECT_EQ(is_request_path("/a" + octet), fits && c != '%') << c;
    EXPECT_EQ(is_request_path("/a?b" + octet), fits) << c;
  }
  for (const std::string_view text : {"", "a", "*", "?", "http://a/", "/%", "/%4", "/%4g", "/%g4", "/%%41"})
    EXPECT_FALSE(is_request_path(text)) << text;
}

TEST(Authority, GivesHostAndPort) {
  struct Case {
    std::string_view text, host;
    std::uint16_t port;
  };
  constexpr Case kCases[] = {
      {"example.com", "example.com", 0},
      {"Example.COM:8443", "example.com", 8443},
      {"example.com.", "example.com", 0},
      {"example.com.:1", "example.com", 1},
      {"127.0.0.1:65535", "127.0.0.1", 65535},
      {"[::1]", "::1", 0},
      {"[2001:DB8::A]:443", "2001:db8::a", 443},
      {"a_b-c~d", "a_b-c~d", 0},
      {"[::ffff:192.0.2.1]", "::ffff:192.0.2.1", 0},
  };
  for (const Case& c : kCases) {
    std::string host = "what was there before";
    std::uint16_t port = 7;
    EXPECT_TRUE(parse_authority(c.text, host, port)) << c.text;
    EXPECT_EQ(host, c.host);
    EXPECT_EQ(port, c.port);
  }
}

TEST(Authority, RefusesEverythingElse) {
  constexpr std::string_view kBad[] = {
      "",         ".",         "..",          ".a",    "a..b",     "a..",      "a:",      "a:0",
      "a:65536",  "a:+1",      "a: 1",        "a:1 ",  "a:00001x", "a:000080", ":80",     "u@a",
      "u:p@a",    "a/b",       "a?b",         "a#b",   "a b",      " a",       "a,b",     "a%41",
      "\xc3\xa4", "[::1",      "::1",         "[]",    "[::1]x",   "[::1]:",   "[::1]:0", "[::1%25lo]",
      "[v1.x:y]", "[1.2.3.4]", "[::1]:99999", "a:1:2", "[::12345]"};
  for (const std::string_view text : kBad) {
    std::string host;
    std::uint16_t port = 0;
    EXPECT_FALSE(parse_authority(text, host, port)) << text;
  }
}

TEST(Authority, TakesNamesUpTo255Octets) {
  std::string host;
  std::uint16_t port = 0;
  EXPECT_TRUE(parse_authority(std::string(255, 'a'), host, port));
  EXPECT_TRUE(parse_authority(std::string(255, 'a') + ":80", host, port));
  EXPECT_FALSE(parse_authority(std::string(256, 'a'), host, port));
  EXPECT_FALSE(parse_authority("[" + std::string(300, ':') + "]", host, port));
}

}  // namespace
}  // namespace sally::http
