// crypto/raw_signer.h - private keys that come as bare numbers, as OpenSSH keeps them, and their signatures.
#pragma once
#include <string>
#include <string_view>

#include "crypto/owned.h"
#include "crypto/raw_key.h"

namespace sally::crypto {

/// A private key. The library wipes its memory.
class RawSigner {
 public:
  /// seed: 32 bytes (RFC 8032 5.1.5). Errors: crypto.bad_raw_key.
  static Result<RawSigner> ed25519(Bytes seed);

  /// Numbers as RFC 8017 3.2 names them, big-endian.
  struct RsaNumbers {
    Bytes n, e, d, p, q;
  };
  /// At most 16384 bits. Errors: crypto.bad_raw_key.
  static Result<RawSigner> rsa(const RsaNumbers& numbers);

  /// RSA: PKCS #1 v1.5; Ed25519 takes no digest. Errors: crypto.call_failed.
  Result<std::string> sign(Bytes text, Digest digest) const;

 private:
  explicit RawSigner(EvpKey key) : key_(std::move(key)) {}

  EvpKey key_;
};

/// What is inside the first PEM block of this name ("OPENSSH PRIVATE KEY"). Errors: crypto.bad_raw_key.
Result<std::string> pem_block(std::string_view text, std::string_view name);

}  // namespace sally::crypto
