// crypto/key_facts.h - what kind of key this is: of a certificate or of a private key alike.
#pragma once
#include <openssl/base.h>

#include <cstdint>
#include <string>

namespace sally::crypto {

enum class KeyType : std::uint8_t { rsa, p256, p384, p521, ed25519, ml_dsa, other };

struct KeyFacts {
  KeyType type = KeyType::other;
  unsigned bits = 0;
  std::string text;  ///< "ECDSA P-256", "RSA 2048", "Ed25519"

  /// Below what a public CA may sign (CA/Browser Forum BR 6.1.5): RSA under 2048 bits, EC under 256.
  bool too_weak = false;
};

KeyFacts key_facts(const EVP_PKEY& key);

}  // namespace sally::crypto
