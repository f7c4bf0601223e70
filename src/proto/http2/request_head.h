// proto/http2/request_head.h - from decompressed fields to a request that keeps the rules.
#pragma once
#include <string_view>

#include "base/error.h"
#include "http/http_limits.h"
#include "proto/http2/head_reading.h"

namespace sally::http2 {

/// Bytes of decompressed fields, with 32 for each as RFC 9113 6.5.2 counts them, at which a head is a bomb
/// and no longer worth an answer: the limit and some, so that an honest mistake gets its 431.
inline constexpr std::size_t kBombFactor = 4;

/// Takes one field of a request's head; nghttp2 has already refused what RFC 9113 8.2 and 8.3 forbid.
/// Past the limits nothing is kept, and s.head_fault says so. False: a bomb.
bool add_head_field(HeadReading& s, const http::HttpLimits& limits, std::string_view name,
                    std::string_view value);

/// Completes s.x.request once the head is whole.
///
/// secure  the connection is TLS: :scheme must agree
///
/// errors  http2.head_too_large, too_many_fields, path_too_long, bad_method, bad_path, wrong_scheme,
///         bad_authority, host_differs, bad_content_length, unknown_expectation
///
/// source  RFC 9113 8.2.3, 8.3.1; RFC 9110 7.2, 8.6, 10.1.1
Result<> finish_head(HeadReading& s, const http::HttpLimits& limits, bool secure);

/// Takes one trailer into the request body's; those that would change how the request is understood are
/// dropped. Errors: http2.trailers_too_large, http2.forbidden_trailer.
Result<> add_trailer(HeadReading& s, const http::HttpLimits& limits, std::string_view name,
                     std::string_view value);

}  // namespace sally::http2
