// check/probes/hello_kinds.h - the ClientHellos that probes start from.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tls/hello_builder.h"

namespace sally::check {

/// As a present browser sends it, but for the empty key share.
tls::HelloOffer browser_hello(const std::string& server_name);

/// Asks for exactly one version with the given suites, offering everything else that exists. For TLS 1.3 the
/// answer is a HelloRetryRequest.
tls::HelloOffer version_hello(std::uint16_t version, std::vector<std::uint16_t> suites,
                              const std::string& server_name);

/// Every suite that a version can use, the likely ones first.
std::vector<std::uint16_t> suites_of(std::uint16_t version);

/// Every registered group; post-quantum ones only where a version can use them.
std::vector<std::uint16_t> groups_of(std::uint16_t version);

}  // namespace sally::check
