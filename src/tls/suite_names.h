// tls/suite_names.h - the cipher suites that TLS and SSL 3.0 ever had, by number and name.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace sally::tls {

struct SuiteName {
  std::uint16_t code;
  std::string_view name;  ///< "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", as IANA writes it
};

/// In the order of their codes. Without TLS_NULL_WITH_NULL_NULL and the signalling values.
std::span<const SuiteName> registered_suites();

/// Empty: no suite has this code.
std::string_view suite_name(std::uint16_t code);

}  // namespace sally::tls
