#include "check/url.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

std::string joined(std::string_view reference, std::string_view base = "https://example.com/a/b?c") {
  const auto at = read_url(base);
  const auto url = read_url(reference, at ? &*at : nullptr);
  return url ? url->text() : "none";
}

TEST(Url, WholeAddresses) {
  EXPECT_EQ(joined("http://Example.COM"), "http://example.com/");
  EXPECT_EQ(joined("https://example.com:443/x"), "https://example.com/x");
  EXPECT_EQ(joined("https://example.com:8443/x#y"), "https://example.com:8443/x");
  EXPECT_EQ(joined("https://[::1]:8443?q"), "https://[::1]:8443/?q");
  EXPECT_EQ(joined("https://user:word@example.com/"), "https://example.com/");
  EXPECT_EQ(joined(" \n https:\\\\example.com\\x "), "https://example.com/x");
  EXPECT_EQ(joined("data:text/plain,x"), "data:text/plain,x");
  EXPECT_EQ(joined("mailto:a@example.com"), "mailto:a@example.com");
}

TEST(Url, RelativeOnes) {
  EXPECT_EQ(joined("d"), "https://example.com/a/d");
  EXPECT_EQ(joined("../d"), "https://example.com/d");
  EXPECT_EQ(joined("/../../d/./e/"), "https://example.com/d/e/");
  EXPECT_EQ(joined("?d"), "https://example.com/a/b?d");
  EXPECT_EQ(joined(""), "https://example.com/a/b?c");
  EXPECT_EQ(joined("#d"), "https://example.com/a/b?c");
  EXPECT_EQ(joined("//other.example/d"), "https://other.example/d");
  EXPECT_EQ(joined("/\\other.example/d"), "https://other.example/d");
  EXPECT_EQ(joined("https:d"), "https://example.com/a/d");
  EXPECT_EQ(joined("http:d"), "http://d/");
  EXPECT_EQ(joined(".."), "https://example.com/");
}

TEST(Url, NothingLeavesTheRequestLine) {
  EXPECT_EQ(joined("/a b\x01\xc3\xa9"), "https://example.com/a%20b%01%C3%A9");
  EXPECT_EQ(joined("/a\r\nHost: x"), "https://example.com/aHost:%20x");
}

TEST(Url, NoAddresses) {
  for (const char* const text :
       {"http://", "http://a b/", "http://a:99999/", "http://a:x/", "http://[::1", "https://%41/"})
    EXPECT_EQ(joined(text), "none") << text;
  EXPECT_EQ(read_url("relative"), std::nullopt);
  EXPECT_EQ(read_url("https://a/" + std::string(kLongestUrl, 'x')), std::nullopt);
}

TEST(Url, ThisMachine) {
  EXPECT_TRUE(is_loopback_host("localhost"));
  EXPECT_TRUE(is_loopback_host("127.1.2.3"));
  EXPECT_TRUE(is_loopback_host("::1"));
  EXPECT_FALSE(is_loopback_host("127.example.com"));
  EXPECT_FALSE(is_loopback_host("128.0.0.1"));
}

}  // namespace
}  // namespace sally::check
