// gateway/listen_address.h - where to listen, as people write it: "443", "127.0.0.1:8443", "localhost:8443".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sally::gateway {

inline constexpr ErrorKind kBadListen{
    "gateway.bad_listen",
    Blame::operator_config,
    Retry::never,
    "an address to listen on cannot be read",
    "write a port (443), an address and a port (127.0.0.1:8443, [::1]:443), or localhost:8443",
    "",
    -1,
    0};

/// A port, and the addresses it is opened on.
struct ListenAddress {
  std::string host;  ///< "": every address, IPv4 and IPv6; else a numeric address, IPv6 without brackets
  std::uint16_t port = 0;  ///< 0 only where a flag asked for a port of the system's choice
  bool optional = false;   ///< the ::1 of "localhost": a host without IPv6 goes without it

  /// `optional` says nothing about where: it does not count.
  bool operator==(const ListenAddress& other) const { return host == other.host && port == other.port; }

  /// "443", "127.0.0.1:8443", "[::1]:443".
  std::string text() const;
  /// Only this machine can reach it: 127.0.0.0/8 or ::1.
  bool loopback() const;
  /// Whether who listens here also answers what arrives at `other`: "443" covers "127.0.0.1:443".
  bool covers(const ListenAddress& other) const;
};

/// Reads one of the forms named above. "localhost:8443" gives 127.0.0.1 and ::1, all others one address.
/// Errors: gateway.bad_listen, the detail says what is wrong without naming the text.
Result<std::vector<ListenAddress>> parse_listen(std::string_view text, bool allow_port_zero = false);

/// A site's name in [site."..."]: "example.com", "localhost:8443", "[::1]:8443". Without a port: 0.
struct NameAndPort {
  std::string name;  ///< as written, brackets of an IPv6 address taken off
  std::uint16_t port = 0;
};
/// Splits it. Errors: gateway.bad_listen when what follows the colon is no port.
Result<NameAndPort> split_port(std::string_view text);

}  // namespace sally::gateway
