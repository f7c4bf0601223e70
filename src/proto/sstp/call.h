// proto/sstp/call.h - the first words of SSTP inside TLS: the endless POST, and asking for a call.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sally::sstp {

inline constexpr ErrorKind kMalformed{"sstp.malformed",
                                      Blame::upstream,
                                      Retry::never,
                                      "the server agreed to SSTP and then spoke something else",
                                      "look at what stands behind this address of the server",
                                      "MS-SSTP 2.2.1",
                                      -1,
                                      0};

/// The request that opens the duplex channel (MS-SSTP 3.2.4.1).
/// host         for the Host field
/// correlation  16 random octets
std::string duplex_post(std::string_view host, std::string_view correlation);

/// Asks for a call that carries PPP (MS-SSTP 2.2.9).
std::string call_connect_request();

/// What the server said to that.
struct CallAnswer {
  bool acknowledged = false;          ///< else refused
  bool sha1 = false, sha256 = false;  ///< that may bind the call to the certificate (MS-SSTP 2.2.5)
};
/// The control packet at the front of `bytes`; nullopt: more are needed. Errors: sstp.malformed.
Result<std::optional<CallAnswer>> read_call_answer(std::string_view bytes);

}  // namespace sally::sstp
