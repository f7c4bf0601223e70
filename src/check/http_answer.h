// check/http_answer.h - reads the head of an HTTP/1 answer, forgiving where a browser forgives: to be judged
// later.
#pragma once
#include <optional>
#include <string_view>

#include "base/error.h"
#include "check/http_seen.h"

namespace sally::check {

inline constexpr ErrorKind kNotHttp{
    "check.not_http",
    Blame::upstream,
    Retry::never,
    "the answer is no HTTP/1 response",
    "check that HTTP is spoken there; name another protocol like tls://host:port",
    "RFC 9112 4",
    -1,
    0};
inline constexpr ErrorKind kHttpHeadTooLong{"check.http_head_too_long",
                                            Blame::upstream,
                                            Retry::never,
                                            "the head of the answer is longer than any real one",
                                            "send fewer or smaller fields",
                                            "",
                                            -1,
                                            0};

struct HttpHeadLimits {
  std::size_t bytes = 64 * 1024;
  std::size_t fields = 256;
};

/// `text` holds the answer from its first byte, as far as it has come; interim answers (1xx) are skipped.
/// Returns nullopt when more bytes are needed. `used`, unless null, becomes the bytes of a whole head.
/// Errors: check.not_http, check.http_head_too_long.
/// source  RFC 9112 2.2 (a lone LF may end a line), 4, 5, 5.2 (folded lines become one)
Result<std::optional<HttpAnswer>> read_http_head(std::string_view text, HttpHeadLimits limits = {},
                                                 std::size_t* used = nullptr);

}  // namespace sally::check
