// crypto/raw_key.h - public keys that come as bare numbers, outside of certificates, and what they signed.
#pragma once
#include <string>

#include "crypto/owned.h"

namespace sally::crypto {

inline constexpr ErrorKind kBadRawKey{"crypto.bad_raw_key",
                                      Blame::peer,
                                      Retry::never,
                                      "the bytes are no public key of their kind",
                                      "report the peer's software as broken",
                                      "",
                                      47,
                                      0};

enum class Digest : std::uint8_t { sha1, sha256, sha384, sha512 };

/// With one of the digests that protocols name.
std::string digest_of(Digest digest, Bytes in);
/// RFC 2104.
std::string hmac_of(Digest digest, Bytes secret, Bytes text);

/// A public key.
class RawKey {
 public:
  /// modulus, exponent: big-endian. At most 16384 bits. Errors: crypto.bad_raw_key.
  static Result<RawKey> rsa(Bytes modulus, Bytes exponent);
  /// A point of P-256, P-384 or P-521 by its bits, in the uncompressed form. Errors: crypto.bad_raw_key.
  static Result<RawKey> ecdsa(unsigned bits, Bytes point);
  /// 32 bytes (RFC 8032 5.1.5). Errors: crypto.bad_raw_key.
  static Result<RawKey> ed25519(Bytes key);

  unsigned bits() const { return bits_; }
  /// RSA: PKCS #1 v1.5 (RFC 8017 8.2.2); ECDSA: `signature` is DER. Ed25519 takes no digest.
  bool vouches_for(Bytes text, Bytes signature, Digest digest) const;
  /// ECDSA with the two numbers apart, big-endian.
  bool vouches_for(Bytes text, Bytes r, Bytes s, Digest digest) const;

 private:
  RawKey(EvpKey key, unsigned bits) : key_(std::move(key)), bits_(bits) {}

  EvpKey key_;
  unsigned bits_;
};

}  // namespace sally::crypto
