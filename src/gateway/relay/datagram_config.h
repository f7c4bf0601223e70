// gateway/relay/datagram_config.h - ports of UDP: which protocol comes there, and who gets it.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/block_fwd.h"
#include "gateway/listen_address.h"
#include "net/socket_address.h"
#include "upstream/group.h"

namespace sally::gateway {

/// A backend. Its address is numeric once it was checked, with a port.
struct DatagramMember : upstream::MemberTerms {
  std::uint16_t nat_port = 4500;  ///< where it takes what came to our nat_port

  bool operator==(const DatagramMember&) const = default;
  static const config::Block<DatagramMember>& block();
};

/// `[udp.1194]`, `[udp."192.0.2.1:500"]`. A value in hand is valid.
struct DatagramPort {
  enum class Speaks : std::uint8_t { openvpn, ipsec };

  std::string key;                       ///< what stands in [udp."..."]
  std::vector<ListenAddress> addresses;  ///< what it means
  std::optional<Speaks> speaks;
  std::vector<DatagramMember> to;
  std::uint16_t nat_port = 4500;  ///< with ipsec: opened beside the port of the block
  /// RFC 4787 4.3: an address translator keeps what is idle for five minutes.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(5);
  std::chrono::milliseconds opening_timeout = std::chrono::seconds(30);
  std::uint32_t max_sessions = 4'000;
  std::uint32_t max_sessions_per_address = 100;
  bool roaming = true;
  bool ikev1 = false;
  upstream::EjectionTerms eject;

  bool operator==(const DatagramPort&) const = default;
  static const config::Block<DatagramPort>& block();
  std::string_view protocol() const;  ///< "openvpn", "ipsec"
};

/// The way to a backend as it is written: "10.0.0.7", "10.0.0.7:1194", "[fd00::7]:1194". Nullopt: no numeric
/// address. usual  the port where none is written
std::optional<SocketAddress> datagram_peer(std::string_view text, std::uint16_t usual);

}  // namespace sally::gateway
