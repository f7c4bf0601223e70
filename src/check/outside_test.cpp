#include "check/outside.h"

#include <gtest/gtest.h>

namespace sally::check {
namespace {

TEST(IsPublicAddress, TellsPrivateNetworksAndThisMachineFromTheRest) {
  for (const char* one :
       {"192.0.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"})
    EXPECT_TRUE(is_public_address(one)) << one;
  for (const char* one : {"127.0.0.1",
                          "0.0.0.0",
                          "10.1.2.3",
                          "172.31.255.255",
                          "192.168.0.1",
                          "169.254.169.254",
                          "100.64.0.1",
                          "224.0.0.1",
                          "255.255.255.255",
                          "::1",
                          "::",
                          "fe80::1",
                          "fc00::1",
                          "fd12::1",
                          "ff02::1",
                          "::ffff:127.0.0.1",
                          "64:ff9b::7f00:1",
                          "2002:7f00:1::",
                          "2001:db8::1",
                          "a.name",
                          ""})
    EXPECT_FALSE(is_public_address(one)) << one;
}

TEST(AllowedPlaces, APublicTargetLeadsNobodyIntoAPrivateNetwork) {
  const auto all = [] {
    return std::vector{*SocketAddress::numeric("127.0.0.1", 80), *SocketAddress::numeric("8.8.8.8", 80),
                       *SocketAddress::numeric("::1", 80)};
  };
  const auto of_public = allowed_places("192.0.1.1", all());
  ASSERT_EQ(of_public.size(), 1u);
  EXPECT_EQ(of_public.front().host(), "8.8.8.8");
  EXPECT_EQ(allowed_places("10.0.0.1", all()).size(), 3u);
}

}  // namespace
}  // namespace sally::check
