// crypto/revocation_list.h - what a CRL says of one certificate (RFC 5280 5), read in place: no memory for
// each entry.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crypto/certificate.h"

namespace sally::crypto {

inline constexpr ErrorKind kBadRevocationList{
    "crypto.bad_revocation_list",
    Blame::upstream,
    Retry::later,
    "the CRL cannot be read, or does not speak for this certificate",
    "report it to the certificate authority",
    "RFC 5280 5",
    -1,
    0};

struct RevocationList {
  bool revoked = false;
  std::optional<WallTime> revoked_at;
  std::string reason;  ///< "keyCompromise"; empty: none was given
  WallTime this_update;
  std::optional<WallTime> next_update;
  std::size_t entries = 0;  ///< as far as they were read: an entry that names the certificate is the last
};

/// Reads `der` and looks for `about`. The signature is `issuer`'s own; lists of other kinds (indirect ones,
/// those of changes only, those for authorities) and lists for another place of distribution are refused.
/// Errors: crypto.bad_revocation_list.
Result<RevocationList> read_revocation_list(Bytes der, const Certificate& about, const Certificate& issuer);

/// Where CRLs stand by the certificate (RFC 5280 4.2.1.13); places that have another authority sign are left
/// out.
std::vector<std::string> crl_urls(const Certificate& certificate);

/// "keyCompromise" for 1 (RFC 5280 5.3.1); "reason 99" for what has no name.
std::string revocation_reason(int code);

}  // namespace sally::crypto
