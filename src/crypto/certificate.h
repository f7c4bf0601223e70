// crypto/certificate.h - one X.509 certificate and what can be read from it (RFC 5280).
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/key_facts.h"
#include "crypto/owned.h"

namespace sally::crypto {

inline constexpr ErrorKind kNotACertificate{
    "crypto.not_a_certificate",
    Blame::operator_config,
    Retry::never,
    "the bytes are no X.509 certificate",
    "use a PEM file with one or more BEGIN CERTIFICATE blocks, or a DER file with one certificate",
    "RFC 5280 4.1",
    42,
    0};
inline constexpr ErrorKind kCertificateTooLarge{"crypto.certificates_too_large",
                                                Blame::operator_config,
                                                Retry::never,
                                                "a certificate file is larger than any real chain",
                                                "keep the leaf and its intermediates only",
                                                "",
                                                42,
                                                0};

/// Who the certificate speaks for: its subjectAltName. The common name counts for nothing (RFC 9525 2).
struct SubjectNames {
  std::vector<std::string> dns;        ///< as written; bytes that are not printable ASCII as \xNN
  std::vector<std::string> addresses;  ///< "192.0.2.1", "2001:db8::1"
  std::vector<std::string> emails;
  std::vector<std::string> uris;
};

/// A handle that shares the parsed certificate: copies are cheap, and all threads may read it.
class Certificate {
 public:
  explicit Certificate(X509Ptr x509) : x509_(std::move(x509)) {}
  Certificate(const Certificate& o);
  Certificate& operator=(const Certificate& o);
  Certificate(Certificate&&) noexcept = default;
  Certificate& operator=(Certificate&&) noexcept = default;
  ~Certificate() = default;

  /// One certificate, and nothing behind it. Errors: crypto.not_a_certificate.
  static Result<Certificate> from_der(Bytes der);

  std::string der() const;
  std::string pem() const;
  /// The library's object, for calls that only read it.
  X509* handle() const { return x509_.get(); }

  std::string subject() const;      ///< "CN=example.com,O=Example" (RFC 4514), UTF-8
  std::string issuer() const;       ///< likewise
  std::string common_name() const;  ///< of the subject; empty: none
  std::string issuer_common_name() const;
  std::string serial() const;  ///< hexadecimal digits, a minus in front if it is negative
  SubjectNames names() const;

  /// Is `host` one of the names (RFC 9525 6)? A DNS name, an address, or an address in brackets.
  bool covers(std::string_view host) const;

  /// Both ends belong to the validity (RFC 5280 4.1.2.5). Dates beyond WallTime's range are cut to it.
  WallTime not_before() const;
  WallTime not_after() const;

  KeyFacts key() const;
  std::string signature_algorithm() const;  ///< "ecdsa-with-SHA256"
  /// Signed with MD5 or SHA-1, which can be forged. False for a root, whose signature nobody checks.
  bool has_weak_signature() const;
  Sha256 fingerprint() const;  ///< of the whole certificate
  Sha256 spki_hash() const;    ///< of the public key, as pins and DANE have it

  bool is_ca() const;
  bool is_self_signed() const;  ///< subject is issuer, and its own key verifies the signature
  /// Names, key identifiers and signature say that `issuer` made this certificate.
  bool is_signed_by(const Certificate& issuer) const;
  bool allows_server() const;  ///< extendedKeyUsage is absent or holds serverAuth (RFC 5280 4.2.1.12)

  std::vector<std::string> key_usage() const;           ///< "digitalSignature"; empty: no such extension
  std::vector<std::string> extended_key_usage() const;  ///< "serverAuth", or an OID in digits
  std::vector<std::string> ocsp_urls() const;
  std::vector<std::string> issuer_urls() const;  ///< where the issuer's certificate can be had (AIA)
  std::size_t sct_count() const;  ///< embedded timestamps of certificate transparency (RFC 6962)
  bool must_staple() const;       ///< RFC 7633

  friend bool operator==(const Certificate& a, const Certificate& b) {
    return X509_cmp(a.handle(), b.handle()) == 0;
  }

 private:
  X509Ptr x509_;
};

struct CertificateLimits {
  std::size_t bytes = 1 << 20;  ///< of the whole file
  std::size_t count = 20;       ///< certificates in it
};

/// All certificates of a file in their order: PEM blocks with any text and other blocks between them, or one
/// DER certificate. Errors: crypto.not_a_certificate (with the number of the bad block),
/// crypto.certificates_too_large.
Result<std::vector<Certificate>> parse_certificates(Bytes file, CertificateLimits limits = {});

}  // namespace sally::crypto
