// crypto/agreement.h - two parties agree on a secret: the client's half, for conversations that are no TLS.
#pragma once
#include <memory>
#include <string>

#include "crypto/owned.h"

namespace sally::crypto {

enum class Agreement : std::uint8_t {
  x25519,  ///< RFC 7748 6.1
  p256,
  p384,
  p521,             ///< NIST SP 800-56A, points in the uncompressed form
  dh2048,           ///< group 14 of RFC 3526
  dh4096,           ///< group 16 of RFC 3526
  mlkem768_x25519,  ///< ML-KEM-768 (FIPS 203), then X25519
};

inline constexpr ErrorKind kBadShare{"crypto.bad_share",
                                     Blame::peer,
                                     Retry::never,
                                     "the other end's key share is no valid one",
                                     "report the peer's software as broken",
                                     "",
                                     47,
                                     0};

/// One key pair for one agreement.
class KeyShare {
 public:
  /// Errors: crypto.call_failed.
  static Result<KeyShare> make(Agreement kind);
  /// What is sent; of DH groups a big-endian number.
  const std::string& ours() const { return ours_; }
  /// The secret; of the hybrid kind both secrets, one behind the other. Errors: crypto.bad_share.
  Result<std::string> shared(Bytes theirs) const;

 private:
  explicit KeyShare(Agreement kind) : kind_(kind) {}
  Result<> make_dh();
  Result<> make_kem();
  Result<std::string> shared_dh(Bytes theirs) const;
  Result<std::string> shared_hybrid(Bytes theirs) const;

  Agreement kind_;
  std::string ours_;
  EvpKey key_;  ///< of the curve
  EvpKey kem_;  ///< of the hybrid kind
  BignumPtr prime_, exponent_;
};

}  // namespace sally::crypto
