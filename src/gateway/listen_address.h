// gateway/listen_address.h - where to listen, as people write it: "443", "127.0.0.1:8443", "localhost:8443".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

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

/// A port, and the host whose addresses it is opened on.
struct ListenAddress {
  std::string
      host;  ///< "": every address, IPv4 and IPv6; "localhost": 127.0.0.1 and ::1; or a numeric address
  std::uint16_t port =
      0;  ///< never 0 in a configuration file; flags may ask for 0, a port of the system's choice

  bool operator==(const ListenAddress&) const = default;
  auto operator<=>(const ListenAddress&) const = default;

  /// "443", "127.0.0.1:8443", "[::1]:443".
  std::string text() const;
  /// Whether both would bind the same port of the same address.
  bool overlaps(const ListenAddress& other) const;
};

/// Reads one of the forms named above. Errors: gateway.bad_listen.
Result<ListenAddress> parse_listen(std::string_view text, bool allow_port_zero = false);

}  // namespace sally::gateway
