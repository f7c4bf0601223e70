#include "net/address_range.h"

#include <gtest/gtest.h>

namespace sally {
namespace {

bool holds(std::string_view range, std::string_view address) {
  const auto parsed = AddressRange::parse(range);
  const auto octets = IpOctets::parse(address);
  EXPECT_TRUE(parsed) << range;
  EXPECT_TRUE(octets) << address;
  return parsed && octets && parsed->contains(*octets);
}

TEST(AddressRange, HoldsWhatBeginsWithItsBits) {
  EXPECT_TRUE(holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(holds("192.0.2.128/25", "192.0.2.255"));
  EXPECT_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(holds("192.0.2.4/30", "192.0.2.7"));
  EXPECT_FALSE(holds("192.0.2.4/30", "192.0.2.8"));
  EXPECT_TRUE(holds("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(holds("2001:db8::/32", "2001:db9::"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::"));
}

TEST(AddressRange, AnAddressIsARangeOfItself) {
  EXPECT_TRUE(holds("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(holds("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(holds("::1", "0:0:0:0:0:0:0:1"));
}

TEST(AddressRange, FamiliesDoNotMix) {
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
  EXPECT_TRUE(holds("::/0", "2001:db8::1"));
  EXPECT_FALSE(holds("::/0", "203.0.113.9"));
  EXPECT_TRUE(holds("10.0.0.0/8", "::ffff:10.1.2.3")) << "a mapped address is an IPv4 address";
  EXPECT_FALSE(holds("::/0", "::ffff:10.1.2.3"));
}

TEST(AddressRange, RefusesWhatIsNoRange) {
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08x", "10.0.0.1/8", "10/8",
        "10.0.0/24", "2001:db8::/129", "2001:db8::1/32", "[::1]", "fe80::1%eth0", "example.com",
        "10.0.0.0/8/8", "1111111111111111111111111111111111111111111111111111111"})
    EXPECT_FALSE(AddressRange::parse(text)) << text;
}

}  // namespace
}  // namespace sally
