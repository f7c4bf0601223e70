// check/dns_records.h - what CAA, TLSA and TXT records hold.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/certificate.h"

namespace sally::check {

/// Who may issue (RFC 8659 4.1).
struct CaaRecord {
  bool critical = false;
  std::string tag;    ///< in lower case: "issue", "issuewild", "iodef"
  std::string value;  ///< "letsencrypt.org"; ";" or empty: nobody
};
/// nullopt: it breaks the grammar.
std::optional<CaaRecord> read_caa(std::string_view data);

/// Which certificate is the right one (RFC 6698 2.1).
struct TlsaRecord {
  std::uint8_t usage = 0;     ///< 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE
  std::uint8_t selector = 0;  ///< 0: the certificate, 1: its public key
  std::uint8_t matching = 0;  ///< 0: all of it, 1: SHA-256, 2: SHA-512
  std::string data;

  /// "3 1 1 0b9fa5a5..."
  std::string text() const;
  /// `mail`: senders of mail take only DANE-TA and DANE-EE (RFC 7672 3.1.3).
  bool is_usable(bool mail) const;
  /// Is it about this certificate?
  bool matches(const crypto::Certificate& one) const;
};
/// nullopt: it breaks the grammar.
std::optional<TlsaRecord> read_tlsa(std::string_view data);

/// Which key an SSH server has (RFC 4255 3.1).
struct SshfpRecord {
  std::uint8_t algorithm = 0;  ///< 1 RSA, 3 ECDSA, 4 Ed25519 (RFC 6594, RFC 7479)
  std::uint8_t type = 0;       ///< 1: SHA-1, 2: SHA-256
  std::string data;

  /// "4 2 0b9fa5a5..."
  std::string text() const;
  /// Is it about keys of this type ("ssh-ed25519"), by SHA-256? SHA-1 proves nothing any more.
  bool is_about(std::string_view key_type) const;
  /// Is it about this key? `fingerprint`: "SHA256:..." as OpenSSH writes it.
  bool matches(std::string_view key_type, std::string_view fingerprint) const;
};
/// nullopt: it breaks the grammar.
std::optional<SshfpRecord> read_sshfp(std::string_view data);

/// Does one of `records` say that the first of `sent` is the right one, itself or by one above it?
/// source  RFC 6698 2.1.1, RFC 7671 5
bool dane_agrees(std::span<const TlsaRecord> records, std::span<const crypto::Certificate> sent, bool mail);

/// The strings of a TXT record as one (RFC 7208 3.3, as RFC 8461 3.1 has it too). nullopt: the grammar is
/// broken.
std::optional<std::string> read_txt(std::string_view data);

}  // namespace sally::check
