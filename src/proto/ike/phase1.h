// proto/ike/phase1.h - what the first messages of IKEv1 carry: what is proposed, and what was taken of it.
#pragma once
#include "proto/ike/message.h"

namespace sally::ike {

/// One transform of phase 1, by its attributes (RFC 2409 appendix A).
struct Phase1 {
  std::uint16_t cipher = 0;    ///< 1 DES, 5 3DES, 7 AES
  std::uint16_t key_bits = 0;  ///< 0: the attribute is not sent
  std::uint16_t hash = 0;      ///< 1 MD5, 2 SHA-1, 4 SHA-256, 5 SHA-384, 6 SHA-512
  std::uint16_t group = 0;     ///< numbers as in IKEv2
  std::uint16_t method = 0;    ///< 1 pre-shared key, 3 RSA signatures, 65001 pre-shared key with XAUTH

  bool operator==(const Phase1&) const = default;
  bool by_shared_key() const;
  /// "AES-CBC-256, SHA-256, MODP-2048, pre-shared key"
  std::string text() const;
};

/// One proposal for ISAKMP itself with these transforms, at most 255, each for 8 hours (RFC 2408 3.4-3.6).
std::string sa1_body(std::span<const Phase1> offers);
/// The transform that was taken. Errors: ike.malformed, base.truncated.
Result<Phase1> read_sa1(std::string_view body);

/// For a key exchange in aggressive mode: who we are, as a name of a user (RFC 2407 4.6.2).
std::string identity1_body(std::string_view user);

}  // namespace sally::ike
