// crypto/issue.h - makes and signs certificates: for the local CA and for tests.
#pragma once
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/certificate.h"
#include "crypto/private_key.h"

namespace sally::crypto {

inline constexpr ErrorKind kBadName{
    "crypto.bad_name",
    Blame::operator_config,
    Retry::never,
    "a certificate cannot be made for this name",
    "use a DNS name in ASCII (xn-- for others), \"*.\" before one, or an IP address",
    "RFC 5280 4.2.1.6",
    -1,
    0};

/// What the new certificate shall say.
struct CertificateDraft {
  std::string common_name;
  std::string organization;        ///< empty: none
  std::vector<std::string> names;  ///< DNS names, "*.example.com", IPv4 and IPv6 addresses
  WallTime not_before, not_after;  ///< whole seconds count
  bool is_ca = false;              ///< keyCertSign and cRLSign instead of what a host needs
  int path_length = 0;             ///< of a CA: how many CAs may stand below it
  bool for_server = true;          ///< extendedKeyUsage serverAuth
  bool for_client = false;         ///< extendedKeyUsage clientAuth
  std::string issuer_url;          ///< AIA caIssuers; empty: none
};

/// Who signs. For a self-signed certificate leave `certificate` null and give the subject's own key.
struct Signer {
  const Certificate* certificate;
  const PrivateKey& key;
};

/// An X.509 v3 certificate with a random serial of 127 bits, subject and authority key identifiers, signed
/// with the SHA-2 that fits the signer's key. Errors: crypto.bad_name, crypto.call_failed.
Result<Certificate> issue(const CertificateDraft& draft, const PrivateKey& subject_key, Signer signer);

}  // namespace sally::crypto
