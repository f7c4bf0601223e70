// tls/odd_record.h - one record of a TLS 1.2 client that no library would send, sealed with the session's
// keys.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "tls/client_session.h"

namespace sally::tls {

inline constexpr ErrorKind kNoOddRecord{
    "tls.no_odd_record",
    Blame::our_bug,
    Retry::never,
    "a record cannot be sealed by hand for this session",
    "open the session with TLS 1.2 and one of the suites that are named there",
    "RFC 5246 6.2.3",
    -1,
    0};

/// What is wrong with a CBC record.
enum class CbcFlaw : std::uint8_t {
  none,
  padding,         ///< the padding's bytes do not all say its length; the MAC is right
  mac,             ///< the MAC is wrong, the padding right
  mac_all_padding  ///< nothing but a MAC's room and padding, the MAC wrong (CVE-2019-1559)
};

/// Suites for seal_gcm() and for seal_cbc(), in the library's language (ClientOffer::suites).
inline constexpr std::string_view kGcmSuites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-GCM-SHA384";
inline constexpr std::string_view kCbcSuites =
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:AES128-SHA:"
    "AES256-SHA";

/// The next record that the server expects, of any content type. The session itself does not count it, so
/// nothing may be written to it afterwards.
///
/// content_type  22 handshake, 23 application data
/// errors        tls.no_odd_record
/// source        RFC 5288 3, RFC 5246 6.2.3.3
Result<std::string> seal_gcm(const ClientSession& session, std::uint8_t content_type, std::string_view plain);

/// The same with a flaw. source  RFC 5246 6.2.3.2
Result<std::string> seal_cbc(const ClientSession& session, std::uint8_t content_type, std::string_view plain,
                             CbcFlaw flaw);

}  // namespace sally::tls
