#include "gateway/relay/datagram_config.h"

#include <gtest/gtest.h>

#include "gateway/relay/datagram_group.h"
#include "gateway/settings_fixture.h"

namespace sally::gateway {
namespace {

TEST_F(SettingsTest, PortsOfUdpNeedNoSite) {
  const auto s = load(
      "[udp.1194]\nprotocol = 'openvpn'\nto = ['10.0.0.7', '[fd00::7]:1195']\n"
      "[udp.'192.0.2.1:500']\nprotocol = 'ipsec'\nto = '10.0.0.8'\n");
  ASSERT_TRUE(s) << s.error().text();
  ASSERT_EQ(s->datagrams.size(), 2U);
  EXPECT_EQ(s->datagrams[0].to.at(0).address, "10.0.0.7:1194");
  EXPECT_EQ(s->datagrams[0].to.at(1).address, "[fd00::7]:1195");
  EXPECT_EQ(s->datagrams[1].to.at(0).address, "10.0.0.8:500");
  EXPECT_EQ(s->datagrams[1].addresses.at(0).text(), "192.0.2.1:500");
  EXPECT_EQ(s->datagrams[1].protocol(), "ipsec");
}

TEST_F(SettingsTest, WhatIsWrongWithAPortOfUdp) {
  const struct {
    std::string text;
    std::string_view fault;
  } cases[] = {
      {"[udp.1194]\nto = '10.0.0.7'\n", "has no `protocol`"},
      {"[udp.1194]\nprotocol = 'openvpn'\n", "has no `to`"},
      {"[udp.1194]\nprotocol = 'openvpn'\nto = 'vpn.example'\n", "is no address"},
      {"[udp.1194]\nprotocol = 'openvpn'\nto = ['10.0.0.7', '10.0.0.7:1194']\n", "stands there twice"},
      {"[udp.1194]\nprotocol = 'openvpn'\nto = '10.0.0.7'\nikev1 = true\n", "is for protocol"},
      {"[udp.vpn]\nprotocol = 'openvpn'\nto = '10.0.0.7'\n", "it has no port"},
      {"[udp.500]\nprotocol = 'ipsec'\nto = '10.0.0.7'\n[udp.4500]\nprotocol = 'openvpn'\nto = '10.0.0.7'\n",
       "UDP 4500 is taken already"},
      {"[udp.500]\nprotocol = 'ipsec'\nnat_port = 500\nto = '10.0.0.7'\n", "UDP 500 is taken already"},
      {"[udp.1194]\nprotocol = 'dtls'\nto = '10.0.0.7'\n", "openvpn"},
  };
  const std::string beside =
      "[site.'a.example']\ncertificate = 'a.pem'\nkey = 'a.key'\nfiles = 'www'\n"
      "[udp.443]\nprotocol = 'openvpn'\nto = '10.0.0.7'\n";
  EXPECT_TRUE(faults(beside).contains("taken by HTTP/3"));
  EXPECT_TRUE(load("quic.on = false\n" + beside));
  for (const auto& [text, fault] : cases) EXPECT_TRUE(faults(text).contains(fault)) << faults(text);
}

SharedDatagramPort port_with(std::size_t backends) {
  auto port = std::make_shared<DatagramPort>();
  port->speaks = DatagramPort::Speaks::ipsec;
  for (std::size_t i = 1; i <= backends; ++i) {
    port->to.emplace_back();
    port->to.back().address = "10.0.0." + std::to_string(i) + ":500";
  }
  return port;
}

TEST(DatagramGroup, GivesAClientTheSameBackendOnEveryCore) {
  upstream::Board board;
  DatagramGroup one(port_with(3), board), other(port_with(3), board);
  std::vector<int> seen(3);
  for (int i = 0; i < 300; ++i) {
    const std::string client = "192.0.2." + std::to_string(i);
    const auto here = one.choose(client, TimePoint{}), there = other.choose(client, TimePoint{});
    ASSERT_TRUE(here && there);
    EXPECT_EQ(*here, *there) << client;
    ++seen[*here];
  }
  for (const int clients : seen) EXPECT_GT(clients, 50);
  EXPECT_EQ(one.peer(0, false).text(), "10.0.0.1:500");
  EXPECT_EQ(one.peer(0, true).text(), "10.0.0.1:4500");
}

TEST(DatagramGroup, PassesOverABackendThatFails) {
  upstream::Board board;
  DatagramGroup group(port_with(2), board);
  const auto first = group.choose("192.0.2.1", TimePoint{});
  ASSERT_TRUE(first);
  group.ended(*first);
  for (int i = 0; i < 3; ++i) group.failed(*first, TimePoint{});
  EXPECT_NE(group.choose("192.0.2.1", TimePoint{}), first);
}

}  // namespace
}  // namespace sally::gateway
