// crypto/ocsp_answer.h - what an OCSP answer says of one certificate (RFC 6960). Its signature is not looked
// at.
#pragma once
#include <optional>

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
};

/// `der`: an OCSPResponse, as it is stapled into a handshake; at most 64 KiB.
/// Errors: crypto.bad_ocsp_answer, also when the responder says that it has none.
Result<OcspAnswer> read_ocsp_answer(Bytes der, const Certificate& about);

}  // namespace sally::crypto
