#include "check/target.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

TEST(Target, WhatPeopleType) {
  struct Case {
    const char *text, *host, *endpoint, *name;
    bool http;
  };
  const Case cases[] = {
      {"example.com", "example.com", "example.com:443", "example.com", true},
      {"example.com:8443", "example.com", "example.com:8443", "example.com", true},
      {"example.com.", "example.com.", "example.com.:443", "example.com", true},
      {"https://user@example.com/path?x=1#y", "example.com", "example.com:443", "example.com", true},
      {"https://example.com:444", "example.com", "example.com:444", "example.com", true},
      {"imaps://mail.example.com", "mail.example.com", "mail.example.com:993", "mail.example.com", false},
      {"smtp://mail.example.com", "mail.example.com", "mail.example.com:25", "mail.example.com", false},
      {"mail.example.com:587", "mail.example.com", "mail.example.com:587", "mail.example.com", false},
      {"mail.example.com:465", "mail.example.com", "mail.example.com:465", "mail.example.com", false},
      {"https://mail.example.com:465", "mail.example.com", "mail.example.com:465", "mail.example.com", true},
      {"tls://db.example.com:5433", "db.example.com", "db.example.com:5433", "db.example.com", false},
      {"192.0.2.1", "192.0.2.1", "192.0.2.1:443", "", true},
      {"::1", "::1", "[::1]:443", "", true},
      {"[2001:db8::1]:8443", "2001:db8::1", "[2001:db8::1]:8443", "", true},
      {"ldaps://[2001:db8::1]", "2001:db8::1", "[2001:db8::1]:636", "", false},
  };
  for (const Case& c : cases) {
    const auto t = parse_target(c.text);
    ASSERT_TRUE(t.has_value()) << c.text;
    EXPECT_EQ(t->host, c.host) << c.text;
    EXPECT_EQ(t->endpoint(), c.endpoint) << c.text;
    EXPECT_EQ(t->server_name(), c.name) << c.text;
    EXPECT_EQ(t->is_http, c.http) << c.text;
  }
}

TEST(Target, WhatCannotBeChecked) {
  for (const char* text : {"", "http://example.com", "gopher://example.com", "a b", "example.com:0",
                           "example.com:x", "[::1", "a..b", "https://"})
    EXPECT_FALSE(parse_target(text).has_value()) << text;
}

TEST(Target, LocalNames) {
  for (const char* text : {"localhost", "a.localhost:8443", "127.0.0.1", "printer"})
    EXPECT_TRUE(parse_target(text)->is_local_name()) << text;
  EXPECT_FALSE(parse_target("example.com")->is_local_name());
}

TEST(Target, AskedAsAnother) {
  const Target t = asked_as(parse_target("192.0.2.1:8443").value(), "www.example.com").value();
  EXPECT_EQ(t.endpoint(), "www.example.com:8443");
  EXPECT_EQ(t.reached_by, "192.0.2.1");
  EXPECT_EQ(t.server_name(), "www.example.com");
  for (const char* const name : {"", "192.0.2.1", "a b", "https://a", "a:1"})
    EXPECT_FALSE(asked_as(parse_target("192.0.2.1").value(), name)) << name;
}

TEST(Target, ResolveRows) {
  const Resolve r = parse_resolve("Example.com:443:192.0.2.1").value();
  EXPECT_EQ(r.host, "example.com");
  EXPECT_EQ(r.port, 443);
  EXPECT_EQ(r.address, "192.0.2.1");
  EXPECT_EQ(parse_resolve("a:1:[2001:db8::1]")->address, "2001:db8::1");
  EXPECT_EQ(parse_resolve("a:1:2001:db8::1")->address, "2001:db8::1");
  for (const char* const text :
       {"", "a", "a:1", "a:1:b", ":1:192.0.2.1", "a:x:192.0.2.1", "a:99999:192.0.2.1", "[::1"})
    EXPECT_FALSE(parse_resolve(text)) << text;
}

}  // namespace
}  // namespace sally::check
