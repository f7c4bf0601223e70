// proto/http1/head_parser.h - a request's head: where it ends, and what it says. Strict, in place, one copy.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "http/exchange.h"
#include "http/http_limits.h"

namespace sally::http1 {

// clang-format off
// --- the request line
inline constexpr ErrorKind kBadRequestLine{"http1.bad_request_line", Blame::peer, Retry::never,
    "the first line is not \"method SP target SP version\"", "send HTTP/1.1 here", "RFC 9112 3", -1, 400};
inline constexpr ErrorKind kLineTooLong{"http1.request_line_too_long", Blame::peer, Retry::never,
    "the request line is longer than this server takes",
    "shorten the address, or raise limits.request_line_bytes", "RFC 9112 3", -1, 414};
inline constexpr ErrorKind kBadTarget{"http1.bad_target", Blame::peer, Retry::never,
    "the request target breaks the grammar or does not fit the method",
    "percent-encode what may not stand in an address", "RFC 9112 3.2", -1, 400};
inline constexpr ErrorKind kWrongScheme{"http1.wrong_scheme", Blame::peer, Retry::never,
    "the target names another scheme than the connection's", "connect by the scheme that is asked for",
    "RFC 9110 7.4", -1, 421};
inline constexpr ErrorKind kBadVersion{"http1.version_not_supported", Blame::peer, Retry::never,
    "the request's version is neither HTTP/1.1 nor HTTP/1.0", "send HTTP/1.1", "RFC 9110 15.6.6", -1, 505};
inline constexpr ErrorKind kHttp2Preface{"http1.http2_preface", Blame::peer, Retry::fresh_connection,
    "HTTP/2 was spoken where HTTP/1.1 was agreed", "offer \"h2\" by ALPN", "RFC 9113 3.4", -1, 505};

// --- lines and fields
inline constexpr ErrorKind kBareLf{"http1.bare_lf", Blame::peer, Retry::never,
    "a line ends with LF alone", "end each line with CR LF", "RFC 9112 2.2", -1, 400};
inline constexpr ErrorKind kBareCr{"http1.bare_cr", Blame::peer, Retry::never,
    "a CR stands without its LF", "end each line with CR LF", "RFC 9112 2.2", -1, 400};
inline constexpr ErrorKind kHeadTooLarge{"http1.head_too_large", Blame::peer, Retry::never,
    "the request's head is larger than this server takes",
    "send smaller or fewer fields (cookies?), or raise limits.header_bytes", "RFC 6585 5", -1, 431};
inline constexpr ErrorKind kTooManyFields{"http1.too_many_fields", Blame::peer, Retry::never,
    "the request has more fields than this server takes", "send fewer fields, or raise limits.header_count",
    "RFC 6585 5", -1, 431};
inline constexpr ErrorKind kFoldedLine{"http1.folded_line", Blame::peer, Retry::never,
    "a field goes on in a second line", "send each field in one line", "RFC 9112 5.2", -1, 400};
inline constexpr ErrorKind kSpaceBeforeColon{"http1.space_before_colon", Blame::peer, Retry::never,
    "white space stands between a field's name and its colon", "send no white space there", "RFC 9112 5.1",
    -1, 400};
inline constexpr ErrorKind kBadFieldName{"http1.bad_field_name", Blame::peer, Retry::never,
    "a line has no field name that is a token followed by a colon", "send \"name: value\"", "RFC 9110 5.1",
    -1, 400};
inline constexpr ErrorKind kBadFieldValue{"http1.bad_field_value", Blame::peer, Retry::never,
    "a field's value holds a control octet", "send visible octets, spaces and tabs only", "RFC 9110 5.5", -1,
    400};

// --- host
inline constexpr ErrorKind kMissingHost{"http1.missing_host", Blame::peer, Retry::never,
    "an HTTP/1.1 request has no Host", "send one Host field", "RFC 9112 3.2", -1, 400};
inline constexpr ErrorKind kDuplicateHost{"http1.duplicate_host", Blame::peer, Retry::never,
    "the request has more than one Host", "send one Host field", "RFC 9112 3.2", -1, 400};
inline constexpr ErrorKind kBadHost{"http1.bad_host", Blame::peer, Retry::never,
    "the host is no name or address with an optional port", "send Host as \"name\" or \"name:port\"",
    "RFC 9110 7.2", -1, 400};

// --- what frames the content
inline constexpr ErrorKind kBadLength{"http1.bad_content_length", Blame::peer, Retry::never,
    "Content-Length is not one plain decimal number", "send digits only, once", "RFC 9110 8.6", -1, 400};
inline constexpr ErrorKind kDuplicateLength{"http1.duplicate_content_length", Blame::peer, Retry::never,
    "the request has more than one Content-Length", "send it once", "RFC 9112 6.3", -1, 400};
inline constexpr ErrorKind kLengthAndCoding{"http1.length_and_coding", Blame::peer, Retry::never,
    "the request has Content-Length and Transfer-Encoding", "send one of them", "RFC 9112 6.1", -1, 400};
inline constexpr ErrorKind kBadCoding{"http1.bad_transfer_encoding", Blame::peer, Retry::never,
    "Transfer-Encoding is not \"chunked\", once and last", "send \"chunked\" alone", "RFC 9112 6.1", -1, 400};
inline constexpr ErrorKind kUnknownCoding{"http1.unknown_transfer_coding", Blame::peer, Retry::never,
    "the request has a transfer coding other than chunked", "send \"chunked\" alone", "RFC 9112 6.1", -1,
    501};
inline constexpr ErrorKind kCodingInOldVersion{"http1.coding_in_http1_0", Blame::peer, Retry::never,
    "an HTTP/1.0 request has Transfer-Encoding", "send HTTP/1.1, or Content-Length", "RFC 9112 6.1", -1, 400};
inline constexpr ErrorKind kConnectContent{"http1.connect_with_content", Blame::peer, Retry::never,
    "a CONNECT request says that it has content", "send neither length nor coding", "RFC 9110 9.3.6", -1,
    400};
inline constexpr ErrorKind kExpectation{"http1.unknown_expectation", Blame::peer, Retry::never,
    "the request expects something other than 100-continue", "send no such Expect", "RFC 9110 10.1.1", -1,
    417};
// clang-format on

/// Finds the end of a head that may come in pieces. Looks at each octet once, however it is cut.
class HeadScan {
 public:
  /// `text`: the head from its first octet, as far as it has come; only grows from call to call.
  /// Returns the head's size with its empty line, 0 while that is not there. An empty line that lacks its CR
  /// ends a head too: parse_head() then refuses it.
  std::size_t end_of(std::string_view text);
  /// Size of the first line with its LF; 0 while that is not there. Valid after end_of().
  std::size_t first_line() const { return first_line_; }
  void reset() { *this = HeadScan(); }

 private:
  std::size_t scanned_ = 0, first_line_ = 0;
};

/// What a head says about its connection and its content beside what Request holds.
struct HeadFacts {
  bool chunked = false;
  bool close = false;       ///< Connection lists "close"
  bool keep_alive = false;  ///< Connection lists "keep-alive": needed by HTTP/1.0 only
};

/// Parses a whole head, as HeadScan delimits it, into `out`. Views of `out` point into `head`; names become
/// lower case there. After an error `out` holds what was parsed until then.
///
/// offset  of the head's first octet in the peer's stream, for the errors
/// secure  the connection is TLS: the scheme of an absolute-form target must agree
///
/// errors  every row of this header but http1.request_line_too_long and http1.head_too_large
///
/// source  RFC 9112 2.2, 3, 5, 6; RFC 9110 5, 7.2, 8.6, 10.1.1
/// cost    one pass over the octets; no allocation once `out` has grown to its needs
Result<HeadFacts> parse_head(std::span<char> head, std::uint64_t offset, const http::HttpLimits& limits,
                             bool secure, http::Request& out);

/// Parses field lines up to and with the empty line that ends `text`: the lower half of a head, or trailers.
///
/// limit   fields to accept
///
/// errors  http1.too_many_fields, bare_lf, bare_cr, folded_line, space_before_colon, bad_field_name,
///         bad_field_value
Result<> parse_fields(std::span<char> text, std::uint64_t offset, std::size_t limit, http::Fields& out);

}  // namespace sally::http1
