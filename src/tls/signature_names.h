// tls/signature_names.h - the ways of signing a handshake, by number and name, and which of them are broken.
#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace sally::tls {

struct SignatureName {
  std::uint16_t code;
  const char* name;  ///< as the registry writes it
  bool weak;         ///< MD5, SHA-1 or DSA (RFC 9155, RFC 8446 4.2.3)
};

/// All that have a number (RFC 8446 4.2.3, RFC 8734, RFC 8998, ML-DSA).
std::span<const SignatureName> registered_signatures();

/// "rsa_pss_rsae_sha256"; "0x0a0a" for one without a name.
std::string signature_name(std::uint16_t code);
/// False for one without a name.
bool is_weak_signature(std::uint16_t code);

}  // namespace sally::tls
