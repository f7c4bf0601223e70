#include "proto/first_datagram.h"

#include <gtest/gtest.h>

#include <string>

namespace sally::proto {
namespace {

using namespace std::string_literals;
using Role = DatagramRole;

const std::string kSession = "ABCDEFGH";
const std::string kSilence(8, '\0');

/// Header of IKE: SPIs, next payload 33, version, exchange, flags, message id, length.
std::string ike(std::string_view responder, char version, char exchange, char flags, char message = 0,
                std::size_t body = 100) {
  std::string out = kSession + std::string(responder) + '\x21' + version + exchange + flags;
  out += std::string(3, '\0') + message + std::string(2, '\0');
  const std::size_t length = 28 + body;
  out += static_cast<char>(length >> 8);
  out += static_cast<char>(length & 255);
  return out + std::string(body, 'x');
}

TEST(OpenvpnRole, ByOpcodeAndLength) {
  const struct {
    std::string datagram;
    Role role;
  } cases[] = {
      {"\x38" + kSession + std::string(5, '\0'), Role::opens},           // plain
      {"\x38" + kSession + "\x01" + std::string(4, '\0'), Role::other},  // it acknowledges what was not said
      {"\x38" + kSession + std::string(28, 'm') + "\0\0\0\0\0"s, Role::opens},  // tls-auth with SHA-1
      {"\x38" + kSession + std::string(20, 'm'), Role::other},                  // nothing is that long
      {"\x38" + kSession + std::string(400, 'm'), Role::other},
      {"\x38" + kSilence + std::string(5, '\0'), Role::other},  // a session needs an id
      {"\x39" + kSession + std::string(5, '\0'), Role::other},  // key 1 is no first one
      {"\x50" + kSession + std::string(45, 'm') + std::string(298, 'k') + "\x01\x2c", Role::opens},
      {"\x50" + kSession + std::string(45, 'm') + std::string(298, 'k') + "\x01\x2d", Role::other},
      {"\x08" + kSession + std::string(5, '\0'), Role::other},  // V1 is gone from OpenVPN
      {"\x40" + kSession + std::string(17, 'm'), Role::other},  // a server's reset
      {"\x28" + kSession + std::string(13, 'm'), Role::goes_on},
      {"\x48\x00\x00\x01"s + std::string(40, 'm'), Role::goes_on},
      {"\x48\x00\x00\x01"s, Role::other},
      {"", Role::other},
      {"\x16\xfe\xfd"s + std::string(60, 'd'), Role::other},
  };
  for (const auto& [datagram, role] : cases) EXPECT_EQ(openvpn_role(as_bytes(datagram)), role) << datagram;
}

TEST(IkeRole, ByHeader) {
  const struct {
    std::string datagram;
    Role role;
  } cases[] = {
      {ike(kSilence, 0x20, 34, 0x08), Role::opens},
      {ike(kSilence, 0x20, 34, 0x28), Role::other},  // an answer
      {ike(kSilence, 0x20, 34, 0x08, 1), Role::other},
      {ike(kSilence, 0x20, 35, 0x08), Role::other},
      {ike("RRRRRRRR", 0x20, 35, 0x08, 1), Role::goes_on},
      {ike("RRRRRRRR", 0x20, 45, 0x08, 1), Role::other},
      {ike(kSilence, 0x30, 34, 0x08), Role::other},
      {ike(kSilence, 0x20, 34, 0x08) + "more", Role::other},  // the length is another
      {"\x38" + kSession + std::string(5, '\0'), Role::other},
      {"", Role::other},
  };
  for (const auto& [datagram, role] : cases) {
    EXPECT_EQ(ike_role(as_bytes(datagram), 2), role) << datagram;
    EXPECT_EQ(nat_traversal_role(as_bytes("\0\0\0\0"s + datagram), 2), role) << datagram;
  }
  const std::string aggressive = ike(kSilence, 0x10, 4, 0);
  EXPECT_EQ(ike_role(as_bytes(aggressive), 2), Role::other);
  EXPECT_EQ(ike_role(as_bytes(aggressive), 1), Role::opens);
  EXPECT_EQ(ike_role(as_bytes(ike("RRRRRRRR", 0x10, 32, 0, 7)), 1), Role::goes_on);
}

TEST(NatTraversalRole, TellsEspAndKeepalives) {
  EXPECT_EQ(nat_traversal_role(as_bytes("\xff"), 2), Role::keepalive);
  EXPECT_EQ(nat_traversal_role(as_bytes("\xc0\x00\x00\x01"s + std::string(60, 'e')), 2), Role::goes_on);
  EXPECT_EQ(nat_traversal_role(as_bytes("\x00\x00\x00\x7f"s + std::string(60, 'e')), 2), Role::other);
  EXPECT_EQ(nat_traversal_role(as_bytes("\xc0\x00\x00\x01"), 2), Role::other);
}

}  // namespace
}  // namespace sally::proto
