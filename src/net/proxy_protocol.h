// net/proxy_protocol.h - the header by which a proxy in front of a connection tells whose it is.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "net/socket_address.h"

namespace sally {

inline constexpr ErrorKind kBadProxyHeader{
    "net.bad_proxy_header",
    Blame::peer,
    Retry::never,
    "the connection does not begin with a sound PROXY protocol header",
    "turn PROXY protocol on at the proxy in front, or off for this port",
    "PROXY protocol 2.1, 2.2",
    -1,
    0};

/// Who connected to whom, as the proxy in front saw it.
struct ProxyHeader {
  /// nullopt: the proxy speaks for itself (LOCAL: a health check) or does not know (UNKNOWN); then the
  /// addresses of the connection itself hold.
  std::optional<SocketAddress> client, server;
  std::size_t size = 0;  ///< bytes of the header
};

/// The longest header of version 2 that is read, in bytes: addresses and what is said beside them.
inline constexpr std::size_t kLongestProxyHeader = 4096;

/// Reads a header of version 1 or 2 at the front of `in`, without consuming it. Only for connections from
/// peers that are trusted to send one and always do: it is never guessed whether it is there (specification,
/// 2). What stands beside the addresses (TLVs) is passed over.
///
/// returns nullopt when more bytes are needed
/// errors  net.bad_proxy_header
Result<std::optional<ProxyHeader>> read_proxy_header(Bytes in);

enum class ProxyVersion : std::uint8_t { v1 = 1, v2 = 2 };

/// The header for a connection of `client` to `server`, both of one family; of two families, or neither IPv4
/// nor IPv6: a header that says UNKNOWN or LOCAL.
std::string write_proxy_header(ProxyVersion version, const SocketAddress& client,
                               const SocketAddress& server);

}  // namespace sally
