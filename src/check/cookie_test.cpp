#include "check/cookie.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

Cookie read(std::string_view line) { return read_cookie(line, "www.example.com"); }

TEST(Cookie, Attributes) {
  const Cookie c =
      read("SESSID=31d4; Path=/; Domain=.Example.com; Secure ; HTTPONLY; SameSite=Lax; Max-Age=5");
  EXPECT_EQ(c.name, "SESSID");
  EXPECT_TRUE(c.secure && c.http_only && c.lasting && c.is_session());
  EXPECT_EQ(c.same_site, Cookie::SameSite::lax);
  EXPECT_EQ(c.domain, "example.com");
  EXPECT_EQ(c.path, "/");
  EXPECT_EQ(c.dropped, "");
}

TEST(Cookie, WhatIsMissingIsMissing) {
  const Cookie c = read("a=b");
  EXPECT_FALSE(c.secure || c.http_only || c.lasting || c.partitioned);
  EXPECT_EQ(c.same_site, Cookie::SameSite::absent);
  EXPECT_EQ(read("a=b; SameSite=maybe").same_site, Cookie::SameSite::unknown);
  EXPECT_EQ(read("a=b; samesite=None; SameSite=Strict; secure").same_site, Cookie::SameSite::strict)
      << "the last counts";
}

TEST(Cookie, PrefixesPromise) {
  EXPECT_EQ(read("__Host-a=b; Secure; Path=/").dropped, "");
  EXPECT_EQ(read("__Host-a=b; Path=/").dropped, "__Host- without Secure");
  EXPECT_EQ(read("__Host-a=b; Secure").dropped, "__Host- without Path=/");
  EXPECT_EQ(read("__HOST-a=b; Secure; Path=/; Domain=example.com").dropped, "__Host- with Domain");
  EXPECT_EQ(read("__Secure-a=b").dropped, "__Secure- without Secure");
  EXPECT_EQ(read("__Secure-a=b; Secure").dropped, "");
}

TEST(Cookie, WhatBrowsersThrowAway) {
  EXPECT_EQ(read("a=b; SameSite=None").dropped, "SameSite=None without Secure");
  EXPECT_EQ(read("a=b; Partitioned").dropped, "Partitioned without Secure");
  EXPECT_NE(read("a=b; Domain=other.example").dropped, "");
  EXPECT_NE(read("a=b; Domain=ample.com").dropped, "");
  EXPECT_NE(read("").dropped, "");
  EXPECT_NE(read("=").dropped, "");
  EXPECT_EQ(read("onlyvalue").dropped, "");
  EXPECT_NE(read("a=" + std::string(4096, 'x')).dropped, "");
  EXPECT_NE(read(std::string_view("a=b\0c", 5)).dropped, "");
}

TEST(Cookie, NamesTell) {
  EXPECT_TRUE(read("PHPSESSID=1").is_session());
  EXPECT_TRUE(read("csrftoken=1").is_anti_csrf());
  EXPECT_FALSE(read("session_csrf=1").is_session());
  EXPECT_FALSE(read("theme=dark").is_session());
}

}  // namespace
}  // namespace sally::check
