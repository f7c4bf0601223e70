// crypto/host_match.h - does a name in a certificate cover the host that was asked for (RFC 9525 6)?
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sally::crypto {

/// An address in the form of a certificate's iPAddress: 4 or 16 bytes.
struct HostAddress {
  std::array<std::byte, 16> bytes{};
  std::size_t size = 0;
};

/// Reads "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; nullopt for anything else, so for a DNS name.
std::optional<HostAddress> parse_host_address(std::string_view host);

/// Letters, digits, hyphens and underscores in labels of 1 to 63 bytes, 253 in all; a last dot is allowed.
/// With `wildcard` the first label may be "*" if another follows.
bool is_dns_name(std::string_view name, bool wildcard = false);

/// `presented` is the certificate's dNSName, `host` the name the client wanted. Case is ignored. "*" stands
/// for exactly one whole left-most label and for nothing else (RFC 9525 6.3). Malformed names match nothing.
bool dns_name_covers(std::string_view presented, std::string_view host);

}  // namespace sally::crypto
