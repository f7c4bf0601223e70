// proto/first_datagram.h - what a datagram of a VPN protocol is, by its first bytes: whether it begins a
// conversation, may belong to one, or is nothing of the kind.
#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace sally::proto {

enum class DatagramRole : std::uint8_t {
  other,      ///< nothing of this protocol
  keepalive,  ///< keeps a translation of addresses open and says nothing (RFC 3948 2.3)
  opens,      ///< a client's first
  goes_on,    ///< of a conversation that stands, maybe from an address that is new for it
};

/// OpenVPN over UDP: the resets of a client (P_CONTROL_HARD_RESET_CLIENT_V2 and _V3) with key 0; what goes on
/// is any other opcode of a client. Pure.
///
/// source  OpenVPN, "Wire protocol", opcodes; tls-auth, tls-crypt and tls-crypt-v2 add to a reset's length
DatagramRole openvpn_role(Bytes datagram);

/// IKE on port 500. Pure.
///
/// versions  1 also takes IKEv1 (RFC 2408), which is history since RFC 9395; 2 is IKEv2 alone
/// source    RFC 7296 3.1 (header), 2.6 (cookies: the responder's SPI stays zero)
DatagramRole ike_role(Bytes datagram, std::uint8_t oldest);

/// IKE behind four zero bytes, ESP, or a keep-alive, as they share port 4500. Pure.
///
/// source  RFC 3948 2.1, 2.2, 2.3; RFC 4303 2 (SPI 1..255 are reserved)
DatagramRole nat_traversal_role(Bytes datagram, std::uint8_t oldest);

}  // namespace sally::proto
