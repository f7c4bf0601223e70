// crypto/private_key.h - a private key: read from PEM, made, compared with a certificate.
#pragma once
#include <string>

#include "base/bytes.h"
#include "crypto/certificate.h"
#include "crypto/key_facts.h"
#include "crypto/owned.h"

namespace sally::crypto {

inline constexpr ErrorKind kNotAKey{
    "crypto.not_a_key",
    Blame::operator_config,
    Retry::never,
    "the bytes are no private key in PEM",
    "use a PEM file with a BEGIN PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY block",
    "RFC 7468 10",
    -1,
    0};
inline constexpr ErrorKind kKeyEncrypted{
    "crypto.key_encrypted",
    Blame::operator_config,
    Retry::never,
    "the private key is locked by a password, and a server cannot ask for one",
    "unlock it with: openssl pkey -in locked.key -out server.key; then chmod 600 server.key",
    "RFC 7468 11",
    -1,
    0};
inline constexpr ErrorKind kKeyTooWeak{"crypto.key_too_weak",
                                       Blame::operator_config,
                                       Retry::never,
                                       "the key is shorter than what browsers and public CAs accept",
                                       "make a new key: P-256, or RSA with 2048 bits or more",
                                       "CA/Browser Forum BR 6.1.5",
                                       -1,
                                       0};
inline constexpr ErrorKind kKeyTooLarge{"crypto.key_file_too_large",
                                        Blame::operator_config,
                                        Retry::never,
                                        "a key file is larger than any real key",
                                        "name the file that holds the private key",
                                        "",
                                        -1,
                                        0};

/// What generate() can make.
enum class NewKey : std::uint8_t { p256, p384, rsa2048, rsa3072, rsa4096, ed25519 };

/// A handle that shares the key: copies are cheap, and all threads may sign with it. The library wipes the
/// key's memory with the last handle.
class PrivateKey {
 public:
  explicit PrivateKey(EvpKey key) : key_(std::move(key)) {}
  PrivateKey(const PrivateKey& o);
  PrivateKey& operator=(const PrivateKey& o);
  PrivateKey(PrivateKey&&) noexcept = default;
  PrivateKey& operator=(PrivateKey&&) noexcept = default;
  ~PrivateKey() = default;

  /// The first key of a PEM text: PKCS#8, SEC 1 or PKCS#1; certificates and other blocks before it are
  /// skipped. Errors: crypto.not_a_key, crypto.key_encrypted, crypto.key_too_weak, crypto.key_file_too_large
  /// (more than 1 MiB).
  static Result<PrivateKey> from_pem(Bytes text);

  /// Cost: P-256 and Ed25519 below a millisecond; RSA 4096 seconds.
  static Result<PrivateKey> generate(NewKey kind);

  /// PKCS#8, unlocked. A secret: only for a file of mode 0600.
  Result<std::string> pem() const;

  bool matches(const Certificate& certificate) const;
  KeyFacts facts() const { return key_facts(*key_); }
  EVP_PKEY* handle() const { return key_.get(); }

 private:
  EvpKey key_;
};

}  // namespace sally::crypto
