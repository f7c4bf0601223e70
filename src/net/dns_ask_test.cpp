#include "net/dns_ask.h"

#include <gtest/gtest.h>

namespace sally {
namespace {

TEST(ReadResolvConf, OnlyThisMachineVouchesUnlessTheFileSaysSo) {
  const DnsServers local =
      read_resolv_conf("# made by hand\nsearch example.com\nnameserver\t127.0.0.53\nnameserver ::1\n");
  ASSERT_EQ(local.servers.size(), 2u);
  EXPECT_EQ(local.servers[0].text(), "127.0.0.53:53");
  EXPECT_TRUE(local.vouch);
  EXPECT_FALSE(read_resolv_conf("nameserver 127.0.0.1\nnameserver 192.0.2.1").vouch);
  EXPECT_TRUE(read_resolv_conf("nameserver 192.0.2.1\noptions edns0 trust-ad\n").vouch);
  EXPECT_EQ(read_resolv_conf("").servers.front().text(), "127.0.0.1:53");
  EXPECT_EQ(read_resolv_conf("nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4")
                .servers.size(),
            3u);
  EXPECT_EQ(read_resolv_conf("nameserver one\nnameserver 192.0.2.1").servers.size(), 1u);
}

TEST(NamedDnsServer, TakesAddressesAndPorts) {
  EXPECT_EQ(named_dns_server("192.0.2.1")->servers.front().text(), "192.0.2.1:53");
  EXPECT_EQ(named_dns_server("192.0.2.1:5353")->servers.front().text(), "192.0.2.1:5353");
  EXPECT_EQ(named_dns_server("2001:db8::1")->servers.front().text(), "[2001:db8::1]:53");
  EXPECT_EQ(named_dns_server("[2001:db8::1]:5353")->servers.front().text(), "[2001:db8::1]:5353");
  for (const char* text : {"", "ns.example.com", "192.0.2.1:0", "192.0.2.1:x", "192.0.2.1:99999"})
    EXPECT_FALSE(named_dns_server(text)) << text;
}

}  // namespace
}  // namespace sally
