// proto/http2/errors.h - every error that the server's half of HTTP/2 can raise or put into an exchange.
#pragma once
#include "base/error.h"

namespace sally::http2 {

// clang-format off
// --- the connection: each ends it with GOAWAY
inline constexpr ErrorKind kProtocol{"http2.protocol_error", Blame::peer, Retry::fresh_connection,
    "the client broke a rule of the connection: a frame, its size, its order or its compression",
    "read the error code in the detail, then update the client", "RFC 9113 5.4.1", -1, 0};
inline constexpr ErrorKind kBadPreface{"http2.bad_preface", Blame::peer, Retry::fresh_connection,
    "the first bytes are not HTTP/2's", "speak HTTP/2 where \"h2\" was agreed by ALPN", "RFC 9113 3.4", -1, 0};
inline constexpr ErrorKind kClosedByClient{"http2.closed_by_client", Blame::peer, Retry::fresh_connection,
    "the client closed the connection before the answer was out", "none, if the client meant it",
    "RFC 9113 5.4.1", -1, 0};
inline constexpr ErrorKind kLibrary{"http2.library_failed", Blame::our_bug, Retry::never,
    "a call into nghttp2 failed that should not", "report the detail to the maintainers", "", -1, 0};

// --- floods: ENHANCE_YOUR_CALM
inline constexpr ErrorKind kTooManyResets{"http2.too_many_resets", Blame::peer, Retry::later,
    "too many streams ended early, by the client's RST_STREAM or by its faults",
    "let requests end, or raise limits.h2.resets", "RFC 9113 10.5, CVE-2023-44487, CVE-2025-8671", -1, 0};
inline constexpr ErrorKind kTooManySettings{"http2.too_many_settings", Blame::peer, Retry::later,
    "too many SETTINGS frames", "send them once, or raise limits.h2.settings", "RFC 9113 10.5, CVE-2019-9515", -1, 0};
inline constexpr ErrorKind kTooManyPings{"http2.too_many_pings", Blame::peer, Retry::later,
    "too many PING frames", "ping less often, or raise limits.h2.pings", "RFC 9113 10.5, CVE-2019-9512", -1, 0};
inline constexpr ErrorKind kTooManyPriorities{"http2.too_many_priority_updates", Blame::peer, Retry::later,
    "too many PRIORITY or PRIORITY_UPDATE frames", "send fewer, or raise limits.h2.priority_updates",
    "RFC 9113 10.5, CVE-2019-9513", -1, 0};
inline constexpr ErrorKind kTooManyEmpty{"http2.too_many_empty_frames", Blame::peer, Retry::later,
    "too many frames that carry nothing and end nothing", "send content, or raise limits.h2.empty_frames",
    "RFC 9113 10.5, CVE-2019-9518", -1, 0};
inline constexpr ErrorKind kTooManyUpdates{"http2.too_many_window_updates", Blame::peer, Retry::later,
    "more WINDOW_UPDATE frames than the content that was sent accounts for",
    "open windows in larger steps, or raise limits.h2.window_updates", "RFC 9113 10.5, CVE-2019-9511", -1, 0};
inline constexpr ErrorKind kTooManyContinuations{"http2.too_many_continuations", Blame::peer, Retry::never,
    "one header block came in too many CONTINUATION frames",
    "send smaller or fewer fields, or raise limits.h2.continuation_frames", "RFC 9113 10.5, CVE-2024-28182", -1, 0};
inline constexpr ErrorKind kHeaderBomb{"http2.header_bomb", Blame::peer, Retry::never,
    "a header block grew far past the limit when it was decompressed",
    "send smaller or fewer fields, or raise limits.header_bytes", "RFC 9113 10.5.1", -1, 0};
inline constexpr ErrorKind kQueueFull{"http2.control_queue_full", Blame::peer, Retry::later,
    "the client asks for answers that it does not read", "read what comes, or raise limits.h2.control_queue",
    "RFC 9113 10.5", -1, 0};

// --- one stream: RST_STREAM, the connection lives
inline constexpr ErrorKind kResetByClient{"http2.reset_by_client", Blame::peer, Retry::never,
    "the client gave the request up", "none, if the client meant it", "RFC 9113 5.4.2", -1, 0};
inline constexpr ErrorKind kStream{"http2.stream_error", Blame::peer, Retry::never,
    "the request is malformed or its stream broke a rule, so it was reset",
    "look for forbidden fields, wrong pseudo-fields, or a length that does not fit the content",
    "RFC 9113 5.4.2, 8.1.1", -1, 0};
inline constexpr ErrorKind kTrailersTooLarge{"http2.trailers_too_large", Blame::peer, Retry::never,
    "the request's trailers are more than this server takes",
    "send fewer, or raise limits.trailer_bytes or limits.trailer_count", "RFC 9113 10.5.1", -1, 0};
inline constexpr ErrorKind kForbiddenTrailer{"http2.forbidden_trailer", Blame::peer, Retry::never,
    "a trailer tries to say what only the head may say", "send framing and routing fields in the head",
    "RFC 9110 6.5.1", -1, 0};

// --- one request: answered with the row's status
inline constexpr ErrorKind kHeadTooLarge{"http2.head_too_large", Blame::peer, Retry::never,
    "the request's head is larger than this server takes",
    "send smaller or fewer fields (cookies?), or raise limits.header_bytes", "RFC 6585 5", -1, 431};
inline constexpr ErrorKind kTooManyFields{"http2.too_many_fields", Blame::peer, Retry::never,
    "the request has more fields than this server takes", "send fewer fields, or raise limits.header_count",
    "RFC 6585 5", -1, 431};
inline constexpr ErrorKind kPathTooLong{"http2.path_too_long", Blame::peer, Retry::never,
    "the request's path is longer than this server takes",
    "shorten the address, or raise limits.request_line_bytes", "RFC 9110 15.5.15", -1, 414};
inline constexpr ErrorKind kBadMethod{"http2.bad_method", Blame::peer, Retry::never,
    "the method is no token", "send a method such as GET", "RFC 9110 9.1", -1, 400};
inline constexpr ErrorKind kBadPath{"http2.bad_path", Blame::peer, Retry::never,
    "the path breaks the grammar or does not fit the method",
    "percent-encode what may not stand in an address", "RFC 9113 8.3.1", -1, 400};
inline constexpr ErrorKind kWrongScheme{"http2.wrong_scheme", Blame::peer, Retry::never,
    "the request names another scheme than the connection's", "connect by the scheme that is asked for",
    "RFC 9110 7.4", -1, 421};
inline constexpr ErrorKind kBadAuthority{"http2.bad_authority", Blame::peer, Retry::never,
    "the authority is no name or address with an optional port", "send it as \"name\" or \"name:port\"",
    "RFC 9113 8.3.1", -1, 400};
inline constexpr ErrorKind kHostDiffers{"http2.host_differs", Blame::peer, Retry::never,
    "the request has a host that is not its authority, or more than one", "send :authority alone",
    "RFC 9113 8.3.1", -1, 400};
inline constexpr ErrorKind kBadLength{"http2.bad_content_length", Blame::peer, Retry::never,
    "content-length is not one plain decimal number", "send digits only, once", "RFC 9110 8.6", -1, 400};
inline constexpr ErrorKind kExpectation{"http2.unknown_expectation", Blame::peer, Retry::never,
    "the request expects something other than 100-continue", "send no such Expect", "RFC 9110 10.1.1", -1, 417};

// --- ours
inline constexpr ErrorKind kBadAnswer{"http2.bad_answer", Blame::our_bug, Retry::never,
    "an answer's status, field or length would break HTTP/2", "report the detail to the maintainers",
    "RFC 9113 8.1, 8.2", -1, 500};
// clang-format on

}  // namespace sally::http2
