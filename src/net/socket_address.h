// net/socket_address.h - an address and port as the kernel writes them.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sally {

/// IPv4, IPv6 or a unix socket. IPv4-mapped IPv6 (::ffff:a.b.c.d) reads as IPv4.
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(const sockaddr* address, socklen_t length);

  /// A numeric host ("127.0.0.1", "::1"); nullopt for anything else.
  static std::optional<SocketAddress> numeric(std::string_view host, std::uint16_t port);
  static SocketAddress any4(std::uint16_t port);
  static SocketAddress any6(std::uint16_t port);

  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  std::string host() const;  ///< "192.0.2.1", "2001:db8::1", "unix:"
  std::string text() const;  ///< "192.0.2.1:443", "[2001:db8::1]:443"
  bool is_loopback() const;
  /// The client for counting: the IPv4 address, or the /64 of an IPv6 address (a host's usual allotment).
  std::uint64_t client_key() const;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t length() const { return length_; }

 private:
  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

}  // namespace sally
