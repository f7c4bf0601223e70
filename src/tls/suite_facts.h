// tls/suite_facts.h - what a cipher suite protects and how well: read from its registered name.
#pragma once
#include <cstdint>
#include <string_view>

namespace sally::tls {

struct SuiteFacts {
  std::uint16_t code = 0;
  std::string_view name;        ///< of the registry; empty: not registered
  bool tls13 = false;           ///< for TLS 1.3 only: key exchange and signature are negotiated apart
  bool forward_secret = false;  ///< ephemeral key exchange, or TLS 1.3
  bool anonymous = false;       ///< nobody's identity is shown
  bool preshared = false;       ///< wants a shared key, a password or Kerberos: no certificate need be shown
  bool exported = false;        ///< weakened on purpose, 40 or 56 bits
  bool null_cipher = false;     ///< nothing is encrypted
  bool rc4 = false;
  bool cbc = false;
  bool block64 = false;        ///< DES, 3DES, IDEA, RC2, 28147: blocks of 64 bits (CVE-2016-2183)
  bool aead = false;           ///< GCM, CCM, ChaCha20-Poly1305, MGM, AEGIS
  bool short_tag = false;      ///< CCM_8: 64-bit tags
  bool md5 = false;            ///< MD5 protects the records
  bool rsa_transport = false;  ///< the client encrypts to the certificate's RSA key (ROBOT, no secrecy later)
  bool dhe = false;            ///< finite-field Diffie-Hellman, ephemeral
  unsigned bits = 0;           ///< of the cipher's strength
};

/// Facts of any code; for one that is not registered only `code` is set.
SuiteFacts suite_facts(std::uint16_t code);

}  // namespace sally::tls
