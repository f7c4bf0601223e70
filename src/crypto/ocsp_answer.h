// crypto/ocsp_answer.h - the question whether a certificate is revoked, and what the answer says (RFC 6960).
#pragma once
#include <optional>
#include <string>

#include "crypto/certificate.h"

namespace sally::crypto {

inline constexpr ErrorKind kBadOcspAnswer{"crypto.bad_ocsp_answer",
                                          Blame::upstream,
                                          Retry::later,
                                          "the OCSP answer cannot be read or is about another certificate",
                                          "let the server fetch a new one from its authority",
                                          "RFC 6960 4.2.1",
                                          113,
                                          0};

struct OcspAnswer {
  enum class Status : std::uint8_t { good, revoked, unknown };
  Status status = Status::unknown;
  WallTime this_update;
  std::optional<WallTime> next_update, revoked_at;
  std::string reason;    ///< "keyCompromise"; empty: none was given
  std::size_t scts = 0;  ///< timestamps of certificate transparency (RFC 6962 3.3)
};

inline constexpr std::size_t kLongestOcspAnswer = 64 * 1024;  ///< bytes

/// `der`: an OCSPResponse, as it is stapled into a handshake; at most kLongestOcspAnswer.
/// `issuer`: it or whom it let answer must have signed (RFC 6960 4.2.2.2); null: the signature is not looked
/// at. Errors: crypto.bad_ocsp_answer, also when the responder says that it has none.
Result<OcspAnswer> read_ocsp_answer(Bytes der, const Certificate& about, const Certificate* issuer);

/// DER of an OCSPRequest without a nonce, with SHA-1 of the issuer's name as every responder knows it
/// (RFC 5019 2.1.1). Errors: crypto.call_failed.
Result<std::string> ocsp_question(const Certificate& about, const Certificate& issuer);

}  // namespace sally::crypto
