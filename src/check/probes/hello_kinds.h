// check/probes/hello_kinds.h - the ClientHellos that probes start from.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tls/hello_builder.h"

namespace sally::check {

/// As a present browser sends it, but for the empty key share. web: with the ALPN names of HTTP, which
/// servers of other protocols may refuse (RFC 7301 3.2).
tls::HelloOffer browser_hello(const std::string& server_name, bool web);

/// The same with what makes some servers fail: more than a packet holds, as a post-quantum key share makes
/// it, and values that are reserved to be ignored (RFC 8701).
tls::HelloOffer demanding_hello(const std::string& server_name, bool web);

/// Adds such values.
void add_unknown_values(tls::HelloOffer& offer);

inline constexpr std::size_t kLargeHello = 1900;  ///< bytes: two packets

/// Asks for exactly one version with the given suites, offering everything else that exists. For TLS 1.3 the
/// answer is a HelloRetryRequest.
tls::HelloOffer version_hello(std::uint16_t version, std::vector<std::uint16_t> suites,
                              const std::string& server_name);

/// For a hello that must arrive in more than one piece.
std::vector<std::string> in_two_pieces(const std::string& hello);

/// Every suite that a version from SSL 3.0 to TLS 1.3 can use, the likely ones first.
const std::vector<std::uint16_t>& suites_of(std::uint16_t version);

/// Every registered group; post-quantum ones only where a version can use them.
std::vector<std::uint16_t> groups_of(std::uint16_t version);

}  // namespace sally::check
