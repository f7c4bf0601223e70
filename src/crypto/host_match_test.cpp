#include "crypto/host_match.h"

#include <gtest/gtest.h>

#include <string>

namespace sally::crypto {
namespace {

struct Case {
  std::string_view presented, host;
  bool covers;
};
constexpr Case kCases[] = {
    {"example.com", "example.com", true},
    {"EXAMPLE.com", "example.COM", true},
    {"example.com", "example.com.", true},
    {"example.com", "www.example.com", false},
    {"www.example.com", "example.com", false},
    {"*.example.com", "www.example.com", true},
    {"*.example.com", "WWW.EXAMPLE.COM", true},
    {"*.example.com", "example.com", false},
    {"*.example.com", "a.b.example.com", false},
    {"*.example.com", ".example.com", false},
    {"w*.example.com", "www.example.com", false},
    {"*w.example.com", "www.example.com", false},
    {"www.*.com", "www.example.com", false},
    {"*.*.com", "www.example.com", false},
    {"*", "localhost", false},
    {"*.", "localhost", false},
    {"*.localhost", "app.localhost", true},
    {"a_b.example.com", "a_b.example.com", true},
    {"192.0.2.1", "192.0.2.1", false},
    {"*.0.2.1", "192.0.2.1", false},
    {"example.com", "example.com\n", false},
    {"exa mple.com", "exa mple.com", false},
    {"a..b", "a..b", false},
    {"", "", false},
    {"xn--bcher-kva.example", "xn--bcher-kva.example", true},
};

TEST(HostMatch, CoversWholeLabelsOnly) {
  for (const Case& c : kCases)
    EXPECT_EQ(dns_name_covers(c.presented, c.host), c.covers) << c.presented << " for " << c.host;
}

TEST(HostMatch, NulByteEndsNothing) {  // "example.com\0.evil.test" must not pass for example.com
  const std::string tricky("example.com\0.evil.test", 22);
  EXPECT_FALSE(dns_name_covers(tricky, "example.com"));
  EXPECT_FALSE(dns_name_covers("example.com", tricky));
}

TEST(HostMatch, LimitsOfLabelAndName) {
  EXPECT_TRUE(is_dns_name(std::string(63, 'a')));
  EXPECT_FALSE(is_dns_name(std::string(64, 'a')));
  std::string longest;
  while (longest.size() < 252) longest += "a.";
  EXPECT_TRUE(is_dns_name(longest + "a"));
  EXPECT_FALSE(is_dns_name(longest + "aa"));
}

TEST(HostMatch, ReadsAddresses) {
  EXPECT_EQ(parse_host_address("192.0.2.1")->size, 4u);
  EXPECT_EQ(parse_host_address("::1")->size, 16u);
  EXPECT_EQ(parse_host_address("[::1]")->bytes, parse_host_address("0:0:0:0:0:0:0:1")->bytes);
  for (const std::string_view bad :
       {"", "[]", "localhost", "1.2.3", "[1.2.3.4]", "::1%eth0", "1.2.3.4.5", "0x7f.1"})
    EXPECT_FALSE(parse_host_address(bad)) << bad;
  EXPECT_FALSE(parse_host_address(std::string_view("1.2.3.4\0", 8)));
}

}  // namespace
}  // namespace sally::crypto
