// proto/http2/request_head.h - builds a Request from the fields of a header block, one by one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/exchange.h"
#include "http/http_limits.h"

namespace sally::http2 {

/// nghttp2 has enforced RFC 9113 8.2 and 8.3 as far as names, order and doubles of fields go. What it does not
/// look at is done here: grammar of path and authority, agreement of :authority and host, cookies, sizes.
class RequestHead {
 public:
  enum class Take : std::uint8_t {
    ok,
    too_large,  ///< past a limit: answer 431, keep nothing more
    absurd,     ///< four times past it: end the connection
  };
  Take field(http::Exchange& x, const http::HttpLimits& limits, std::string_view name, std::string_view value);

  /// After the last field. 0: sound; else the status to refuse it with (RFC 9113 8.1.1: malformed is a stream
  /// error, for which an answer of 400 may be sent first).
  int finish(http::Exchange& x, bool secure, bool end_stream);

  bool too_large() const { return too_large_; }

 private:
  void pseudo(http::Exchange& x, std::string_view name, std::string_view value);

  std::size_t bytes_ = 0, count_ = 0, cookies_ = 0, cookie_bytes_ = 0;
  bool too_large_ = false;
};

}  // namespace sally::http2
