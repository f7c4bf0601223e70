// proto/http3/errors.h - every error that HTTP/3 can raise or put into an exchange. What
// a request's head may break is in proto/http2/errors.h: the rules are the same.
#pragma once
#include "base/error.h"

namespace sally::http3 {

// clang-format off
inline constexpr ErrorKind kProtocol{"http3.protocol_error", Blame::peer, Retry::fresh_connection,
    "the client broke a rule of the connection: a frame, its order or its compression",
    "read the reason in the detail, then update the client", "RFC 9114 8", -1, 0};
inline constexpr ErrorKind kClosed{"http3.closed", Blame::peer, Retry::fresh_connection,
    "the connection ended before the answer was out", "none, if the client meant it", "RFC 9114 5", -1, 0};
inline constexpr ErrorKind kTooManyResets{"http3.too_many_resets", Blame::peer, Retry::later,
    "too many requests were given up early", "let requests end, or raise limits.h2.resets",
    "RFC 9114 10.5, CVE-2023-44487", -1, 0};
inline constexpr ErrorKind kHeaderBomb{"http3.header_bomb", Blame::peer, Retry::never,
    "a header section grew far past the limit when it was decompressed",
    "send smaller or fewer fields, or raise limits.header_bytes", "RFC 9114 10.5.1", -1, 0};
inline constexpr ErrorKind kResetByClient{"http3.reset_by_client", Blame::peer, Retry::never,
    "the client gave the request up", "none, if the client meant it", "RFC 9114 4.1.1", -1, 0};
inline constexpr ErrorKind kStream{"http3.stream_error", Blame::peer, Retry::never,
    "the request is malformed, so its stream was reset",
    "look for forbidden fields, wrong pseudo-fields, or a length that does not fit the content",
    "RFC 9114 4.1.2", -1, 0};
inline constexpr ErrorKind kBadAnswer{"http3.bad_answer", Blame::our_bug, Retry::never,
    "an answer's status, field or length would break HTTP/3", "report the detail to the maintainers",
    "RFC 9114 4.1.2", -1, 500};
inline constexpr ErrorKind kBadServer{"http3.bad_server", Blame::upstream, Retry::never,
    "the server broke a rule of the connection: a frame, its order or its compression",
    "read the reason in the detail, then update the server", "RFC 9114 8", -1, 502};
// clang-format on

}  // namespace sally::http3
