// crypto/chain.h - what a server shows and signs with: a leaf, its intermediates and its key, checked.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "crypto/certificate.h"
#include "crypto/private_key.h"

namespace sally::crypto {

inline constexpr ErrorKind kChainUnusable{"crypto.certificate_file_unusable",
                                          Blame::operator_config,
                                          Retry::later,
                                          "the certificate file cannot be used",
                                          "mend the file named in the detail",
                                          "",
                                          -1,
                                          0};
inline constexpr ErrorKind kKeyUnusable{"crypto.key_file_unusable",
                                        Blame::operator_config,
                                        Retry::later,
                                        "the key file cannot be used",
                                        "mend the file named in the detail",
                                        "",
                                        -1,
                                        0};
inline constexpr ErrorKind kKeyMismatch{
    "crypto.key_does_not_match",
    Blame::operator_config,
    Retry::later,
    "the private key belongs to none of the certificates in the file",
    "name the key that the certificate was made for, or have the certificate made again for this key",
    "",
    -1,
    0};
inline constexpr ErrorKind kLeafIsCa{"crypto.leaf_is_ca",
                                     Blame::operator_config,
                                     Retry::later,
                                     "the certificate of this key is a CA's and names no host",
                                     "put the server's own certificate into the file, before the CA's",
                                     "RFC 5280 4.2.1.9",
                                     -1,
                                     0};

/// A file's bytes with the name that messages give it.
struct NamedBytes {
  std::string_view name;
  Bytes bytes;
};

/// Complete by construction: the key belongs to the leaf, each intermediate signed the one before it.
struct CertificateChain {
  Certificate leaf;
  std::vector<Certificate> intermediates;  ///< in the order in which TLS sends them; never a root
  PrivateKey key;
  std::vector<std::string> warnings;  ///< sentences with file and mend: served all the same

  /// Leaf and intermediates, for a fingerprint of "what is served".
  Sha256 fingerprint() const;
};

/// Reads a certificate file and a key file, which may be the same one.
///
/// The leaf is the certificate that the key belongs to, wherever it stands; the others are put into order,
/// and roots, doubles and strangers are left out. Each of these is a warning, as are: not yet valid, expired,
/// a missing intermediate, an extendedKeyUsage without serverAuth, no names, a SHA-1 signature.
///
/// errors  crypto.certificate_file_unusable, crypto.key_file_unusable  with the cause behind them
///         crypto.key_does_not_match, crypto.leaf_is_ca
Result<CertificateChain> load_chain(NamedBytes certificates, NamedBytes key, WallTime now);

/// The certificates that lead from `leaf` upwards, each the issuer of the one before, without `leaf` and
/// without a root. `pool` is in any order.
std::vector<Certificate> path_above(const Certificate& leaf, const std::vector<Certificate>& pool);

}  // namespace sally::crypto
